"""The user's command: its processes, its terminal, its output."""
