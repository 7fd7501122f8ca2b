"""Samplers: which values a point has, by its number and by the results it may know."""
