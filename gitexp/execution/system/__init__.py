"""How much of the machine a command uses, looked at from outside while it runs."""
