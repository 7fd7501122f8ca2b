"""Secrets: found, masked, and kept out of history."""
