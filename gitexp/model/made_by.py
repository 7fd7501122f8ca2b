"""The tags that gitexp itself gives runs, which say what they were made for."""

BISECTED = "bisect"
"""A run that `gitexp bisect` made: of an old commit, or of params that nobody would choose."""
