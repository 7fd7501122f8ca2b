"""What a project holds before gitexp knows it: read, never run."""
