"""Which Python a command runs under, and what is installed there."""
