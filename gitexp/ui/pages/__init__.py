"""What each page shows: one module a page, which knows nothing of the web."""
