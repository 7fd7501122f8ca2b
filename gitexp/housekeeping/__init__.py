"""Freeing what nothing needs any more, and taking out of history what must not be there."""
