"""The version of gitexp, which hatchling reads here."""

__version__ = "0.1.0"
