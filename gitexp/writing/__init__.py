"""What a script logs with, while it runs: a line a call, and nothing that could stop it.

Imported by trainings: besides the standard library it needs msgspec alone.
"""
