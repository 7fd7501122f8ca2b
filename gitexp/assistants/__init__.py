"""What assistants are offered of gitexp over the Model Context Protocol: tools, each a command."""
