"""Runs kept as commits: the only mapping between runs and git."""
