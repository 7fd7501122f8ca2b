"""What is written down of a run under way, so that another process can record it."""
