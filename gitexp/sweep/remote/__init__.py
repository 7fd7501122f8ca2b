"""Points of a sweep made on hosts that do not see the repository, through Dask or Ray."""
