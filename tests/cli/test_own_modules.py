"""gitexp's modules are what Python would have found, or Python finds them."""

from __future__ import annotations

import importlib.util
import marshal
import os
import py_compile
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import CodeType

import pytest

import gitexp
from gitexp.cli.own_modules import OwnModules

_SOURCE = "def answer():\n    return 42\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A module that Python has compiled; its folder would be that of a package."""
    path = tmp_path / "module.py"
    path.write_text(_SOURCE)
    py_compile.compile(str(path), doraise=True)
    return path


def found(folder: Path, name: str = "gitexp.module") -> ModuleSpec | None:
    """Return what is found in a folder."""
    return OwnModules().find_spec(name, [str(folder)])


def code_of(spec: ModuleSpec) -> CodeType:
    """Return what a module runs."""
    code = spec.loader.get_code(spec.name)  # type: ignore[union-attr]
    assert isinstance(code, CodeType)
    return code


def test_each_module_is_found_as_python_finds_it(tmp_path: Path) -> None:
    """With its own code, from files that were compiled for this: the tree may have none."""
    before, seen = Path(gitexp.__file__).parent, 0
    for path in sorted(before.rglob("*.py"))[::7]:
        text, place = path.read_text(), tmp_path / path.relative_to(before)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        py_compile.compile(str(place), doraise=True)
        name = ".".join(("gitexp", *place.relative_to(tmp_path).with_suffix("").parts))

        ours = found(place.parent, name)
        theirs = PathFinder.find_spec(name, [str(place.parent)])

        assert ours is not None
        assert theirs is not None
        for what in ("name", "origin", "cached", "has_location", "submodule_search_locations"):
            assert getattr(ours, what) == getattr(theirs, what), (name, what)
        assert code_of(ours) == code_of(theirs), name
        assert ours.loader.get_source(name) == text  # type: ignore[union-attr]
        seen += 1
    assert seen > 50


def _edited(source: Path) -> None:
    source.write_text(_SOURCE + "# longer\n")


def _touched(source: Path) -> None:
    os.utime(source, (1, 1))


def _gone(source: Path) -> None:
    source.unlink()


def _not_compiled(source: Path) -> None:
    _cached(source).unlink()


def _cut_off(source: Path) -> None:
    _cached(source).write_bytes(_cached(source).read_bytes()[:40])


def _of_another_python(source: Path) -> None:
    _cached(source).write_bytes(b"\0\0\r\n" + _cached(source).read_bytes()[4:])


def _by_its_hash(source: Path) -> None:
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(source), doraise=True, invalidation_mode=mode)


def _no_code(source: Path) -> None:
    _cached(source).write_bytes(_cached(source).read_bytes()[:16] + marshal.dumps(17))


def _large(source: Path) -> None:
    source.write_text(f'{_SOURCE}TEXT = "{"x" * 70_000}"\n')
    py_compile.compile(str(source), doraise=True)


def _compiled_elsewhere(source: Path) -> None:
    py_compile.compile(str(source), dfile="elsewhere/module.py", doraise=True)


def _cached(source: Path) -> Path:
    return Path(importlib.util.cache_from_source(str(source)))


@pytest.mark.parametrize(
    "happens",
    [
        *(_edited, _touched, _gone, _not_compiled, _cut_off, _of_another_python, _by_its_hash),
        *(_no_code, _large, _compiled_elsewhere),
    ],
)
def test_what_is_not_plainly_valid_is_for_python(
    source: Path, happens: Callable[[Path], None]
) -> None:
    assert found(source.parent) is not None

    happens(source)

    assert found(source.parent) is None


def test_what_is_not_ours_is_for_python(source: Path, tmp_path: Path) -> None:
    (tmp_path / "gitexp").mkdir()
    assert found(source.parent, "click.module") is None
    assert OwnModules().find_spec("gitexp.module") is None
    assert found(tmp_path, "gitexp.gitexp") is None, "a package"


def test_a_program_whose_modules_were_compiled_elsewhere_looks_at_them_once(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder = OwnModules()
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    _compiled_elsewhere(source)

    assert finder.find_spec("gitexp.module", [str(source.parent)]) is None
    assert finder not in sys.meta_path
