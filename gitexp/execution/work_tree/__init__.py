"""The work tree before and after a command: what is there, and what of it is recorded."""
