"""What is kept of a run beside its commit: notes while it is under way, and all of its output."""
