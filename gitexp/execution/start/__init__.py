"""What happens before the command starts: decided, looked at, kept by git."""
