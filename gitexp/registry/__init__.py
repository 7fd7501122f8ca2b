"""Models with versions and stages, kept as tags in GTO's grammar."""
