"""All runs at once, in the formats of others."""
