"""`gitexp.yaml` as values."""
