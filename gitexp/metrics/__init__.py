"""Metrics where programs put them, as values: one module for each format."""
