"""What is not imported, or not yet, though a library that gitexp needs asks for it.

Half of the time of a short command goes into imports. Some of them serve what gitexp never does
(archives), what it does only on its way out (help), or types that it does not use.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

_FOR_CLICK = ("inspect", "ipaddress", "gettext", "urllib.parse", "uuid")
"""9 ms, for the help and `prompt` alone; 2 ms, for URLs with an IPv6 address; 3 ms, for
translations, which gitexp has none of; 1 ms, for URLs of pathlib; 3 ms, for options like UUIDs."""

_FOR_MSGSPEC = ("msgspec.inspect", "textwrap", "platform")
"""2 ms, for JSON Schema; 2 ms, for `uuid`, which asks for the system's name."""

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
        one.__dict__.update(_OFFERED.get(one.__name__, {}))
    try:
        yield
    finally:
        for one in stand_ins:
            _withdraw(one)
            one.__dict__.pop("UUID", None)  # a class is what it is called: from now on the real one


def _withdraw(one: ModuleType) -> None:
    if sys.modules.get(one.__name__) is one:
        del sys.modules[one.__name__]


def _cleandoc(text: str) -> str:
    """Do what `inspect.cleandoc` does, which click asks for with the help of each option."""
    if "\n" not in text:
        return text.expandtabs().lstrip()
    import inspect  # noqa: PLC0415 - 9 ms, for a text of several lines

    return inspect.cleandoc(text)


def _english(one: str, many: str, count: int) -> str:
    """Do what `gettext.ngettext` does where there is no translation."""
    return one if count == 1 else many


def _later(module: str, name: str) -> Any:
    """Return a function that is imported when it is called."""

    def call(*arguments: Any, **options: Any) -> Any:
        return getattr(importlib.import_module(module), name)(*arguments, **options)

    return call


_OFFERED: dict[str, dict[str, object]] = {
    "inspect": {"cleandoc": _cleandoc},
    "gettext": {"gettext": str, "ngettext": _english},
    "platform": {"system": lambda: os.uname().sysname},
    "urllib.parse": {"quote_from_bytes": _later("urllib.parse", "quote_from_bytes")},
    "uuid": {"UUID": type("UUID", (), {})},
}
"""What stand-ins have themselves, since it is asked for at the import and used later, or never."""


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Import without the garbage collector, which finds nothing then (2 ms)."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def import_click() -> None:
    """Import click, and pathlib, without what they hardly need."""
    with _uncollected(), postponed(*_FOR_CLICK):
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
