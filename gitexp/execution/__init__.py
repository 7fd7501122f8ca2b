"""One run, from start to commit."""
