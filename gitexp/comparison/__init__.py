"""What differs between runs; pure."""
