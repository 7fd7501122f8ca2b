"""A revision read and held against what is demanded of it."""
