"""Which commit moved a metric: told by what is recorded, and found by what is run."""
