"""Params set on the command line: their grammar, the files they belong to, and their way back."""
