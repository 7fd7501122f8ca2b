"""Stores of a run's own, offered to the trackers of its command, and where stores lie."""
