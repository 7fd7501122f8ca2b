"""What a short command does without, and still has when it asks for it."""

from __future__ import annotations

import gettext
import importlib
import inspect
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.cli.sparing import _cleandoc, _english, postponed

_LOADED = """
import sys
import gitexp.cli.main
from gitexp.cli.sparing import import_command
import_command("run")
names = ("ast", "bz2", "gettext", "inspect", "ipaddress", "lzma", "platform", "typing_extensions")
for name in (*names, "urllib.parse"):
    if name in sys.modules:
        print(name)
import click, gc, inspect, ipaddress, msgspec, pathlib, shutil, typing_extensions
print(click.core.inspect.isfunction(print), inspect.isfunction(inspect.cleandoc))
print(ipaddress.ip_address("::1"), msgspec.inspect.type_info(int))
print("bztar" in dict(shutil.get_archive_formats()))
value = "12345678-1234-5678-1234-567812345678"
print(click.UUID.convert(value, None, None), pathlib.Path("/a b").as_uri(), gc.isenabled())
print(click.NoSuchOption("--x", possibilities=["--y"]).format_message())
import platform, uuid
print(platform.system() == uuid._platform_system, uuid.UUID(value) == click.UUID(value))
"""


def test_a_run_imports_nothing_for_help_urls_and_archives() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True
    )
    functions, kinds, archives, *values = said.stdout.splitlines()  # and no name before
    assert functions == "False True"
    assert kinds.startswith("::1 IntType(")
    assert archives == "True"
    assert values[0] == "12345678-1234-5678-1234-567812345678 file:///a%20b True"
    assert values[1].startswith("No such option")
    assert values[2] == "True True"


def test_a_postponed_module_is_imported_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with postponed("colorsys"):
        held = importlib.import_module("colorsys")
        assert not hasattr(held, "__file__")
    assert "colorsys" not in sys.modules
    assert held.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
    assert sys.modules["colorsys"].rgb_to_hsv is held.rgb_to_hsv


def test_a_module_that_is_there_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    colorsys = importlib.import_module("colorsys")
    monkeypatch.setitem(sys.modules, "colorsys", colorsys)
    with postponed("colorsys"):
        assert sys.modules["colorsys"] is colorsys
    assert sys.modules["colorsys"] is colorsys


def test_what_is_used_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with postponed("colorsys"):
        colorsys = importlib.import_module("colorsys")
        assert colorsys.ONE_THIRD
        real = sys.modules["colorsys"]
        assert real is not colorsys
    assert sys.modules["colorsys"] is real


@given(st.text(st.sampled_from("ab \t\n\f")))
def test_help_is_cleaned_as_click_would_have_it(text: str) -> None:
    assert _cleandoc(text) == inspect.cleandoc(text)


@given(st.text(), st.text(), st.integers(0, 3))
def test_what_click_says_is_not_translated(one: str, many: str, count: int) -> None:
    assert _english(one, many, count) == gettext.ngettext(one, many, count)
    assert one == gettext.gettext(one) or not one
