"""The search index: derived from the commits alone, and deleted at will."""
