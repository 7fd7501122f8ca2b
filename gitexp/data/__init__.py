"""Pointers, and the only door to DVC."""
