"""A command as it was typed: how it is written on one line, and the params on it."""
