"""Libraries that only an export needs."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from gitexp.errors import GitexpError


def library(name: str, package: str | None = None) -> ModuleType:
    """Import a library; raises GitexpError that says how to get it if it is not there."""
    try:
        return import_module(name)
    except ImportError as error:
        wanted = package or name
        raise GitexpError(
            f"{wanted} is not installed", hint=f"Install it with `pip install {wanted}`."
        ) from error
