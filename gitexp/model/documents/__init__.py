"""Files of params and metrics: read, compared, and edited so that every other byte stays."""
