"""Git as plumbing; knows nothing of runs."""
