"""Machine-learning experiments as git commits."""

__version__ = "0.1.0"
