"""A local page: runs, comparisons, hypotheses, sweeps and models, to look at in a browser."""
