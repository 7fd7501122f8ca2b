"""What a short command does without, and still has when it asks for it."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.cli.sparing import _cleandoc, postponed

_LOADED = """
import sys
import gitexp.cli.main
from gitexp.cli.sparing import import_command
import_command("run")
for name in ("ast", "bz2", "inspect", "ipaddress", "lzma", "typing_extensions"):
    if name in sys.modules:
        print(name)
import click, inspect, ipaddress, msgspec, shutil, typing_extensions
print(click.core.inspect.isfunction(print), inspect.isfunction(inspect.cleandoc))
print(ipaddress.ip_address("::1"), msgspec.inspect.type_info(int))
print("bztar" in dict(shutil.get_archive_formats()))
"""


def test_a_run_imports_nothing_for_help_urls_and_archives() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True
    )
    functions, kinds, archives = said.stdout.splitlines()  # and no name before
    assert functions == "False True"
    assert kinds.startswith("::1 IntType(")
    assert archives == "True"


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
