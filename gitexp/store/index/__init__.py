"""The search index: derived from the commits alone, and safe to delete."""
