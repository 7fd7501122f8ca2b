"""What happens while the command runs and after it: learned, found, recorded."""
