"""Data and models on their way behind DVC pointers."""
