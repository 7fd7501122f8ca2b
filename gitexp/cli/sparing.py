"""What is not imported, or not yet, though a library that gitexp needs asks for it.

Half of the time of a short command goes into imports. Some of them serve what gitexp never does
(archives), what it does only on its way out (help), or types that it does not use.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

_FOR_CLICK = ("inspect", "ipaddress")
"""9 ms, for the help and `prompt` alone; 2 ms, for URLs with an IPv6 address, by way of pathlib."""

_FOR_MSGSPEC = ("msgspec.inspect", "textwrap")
"""2 ms, for JSON Schema."""

_FOR_SHUTIL = ("bz2", "lzma")
"""2 ms, for archives."""

_EXTENSIONS = "typing_extensions"


class _Postponed(ModuleType):
    """Stands for a module, which is imported once something of it is asked for."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # what Python asks of any module
            raise AttributeError(name)
        _withdraw(self)
        return getattr(importlib.import_module(self.__name__), name)


@contextlib.contextmanager
def postponed(*names: str) -> Iterator[None]:
    """Let what is imported meanwhile have modules that are only imported when they are used.

    Whoever imports them afterwards gets them as ever.
    """
    stand_ins = [_Postponed(name) for name in names if name not in sys.modules]
    for one in stand_ins:
        sys.modules[one.__name__] = one
        if one.__name__ == "inspect":
            one.__dict__["cleandoc"] = _cleandoc
    try:
        yield
    finally:
        for one in stand_ins:
            _withdraw(one)


def _withdraw(one: ModuleType) -> None:
    if sys.modules.get(one.__name__) is one:
        del sys.modules[one.__name__]


def _cleandoc(text: str) -> str:
    """Do what `inspect.cleandoc` does, which click asks for with the help of each option."""
    if "\n" not in text:
        return text.expandtabs().lstrip()
    import inspect  # noqa: PLC0415 - 9 ms, for a text of several lines

    return inspect.cleandoc(text)


def import_click() -> None:
    """Import click, and pathlib, without what they hardly need."""
    with postponed(*_FOR_CLICK):
        import pathlib  # noqa: F401, PLC0415

        import click  # noqa: F401, PLC0415


def import_msgspec() -> None:
    """Import msgspec without what it hardly needs.

    `typing_extensions` takes 2.5 ms: msgspec only reads types with it that were written with it,
    and does without where it is not installed.
    """
    if "msgspec" in sys.modules:
        return
    has_them = _EXTENSIONS in sys.modules
    if not has_them:
        sys.modules[_EXTENSIONS] = None  # type: ignore[assignment]  # "not there", to the import system
    try:
        with postponed(*_FOR_MSGSPEC):
            import msgspec  # noqa: F401, PLC0415 - 7 ms, not for the version or the help alone
    finally:
        if not has_them:
            del sys.modules[_EXTENSIONS]


def import_command(module_name: str) -> ModuleType:
    """Import the module of a command."""
    import_msgspec()
    with postponed(*_FOR_SHUTIL):
        return importlib.import_module(f"gitexp.cli.commands.{module_name}")
