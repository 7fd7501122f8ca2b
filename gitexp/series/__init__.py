"""Curves: what a run measured at each of its steps, as values, lines and tables."""
