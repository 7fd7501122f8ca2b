"""A revision read and checked against what is demanded of it."""
