"""Runs on their way to and from a remote: commits, notes and data."""
