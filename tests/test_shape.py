"""The figures of `benchmarks.shape`, of a package so small that they can be counted by eye."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest

from benchmarks import walker
from benchmarks.rooms import Folder, folders
from benchmarks.shape import shape_of
from benchmarks.source import Package, read_package


class Write(Protocol):
    """Write the files of a package called house, `cli/main.py` as `cli__main`, and read it."""

    def __call__(self, **files: str) -> Package: ...


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the files of a package called house, `cli/main.py` as `cli__main`, and read it."""

    def written(**files: str) -> Package:
        folder = tmp_path / "house"
        for name, text in files.items():
            path = folder / f"{name.replace('__', '/', 1) if name != '__init__' else name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            (path.parent / "__init__.py").touch()
            path.write_text(text)
        return read_package(folder)

    return written


def test_sizes_are_those_of_modules_with_something_in_them(write: Write) -> None:
    package = write(
        __init__='"""A house."""\n',
        roof='@cached\ndef tile():\n    """Cover."""\n    return 1\n\n\ndef rain() -> None: ...\n',
    )

    figures, _ = shape_of(package)

    assert figures["modules"] == "1"
    assert figures["lines"] == "7"
    assert figures["functions"] == "2"
    assert figures["function: median / p95 / longest"] == "2 / 3 / 3"
    assert figures["return types annotated"] == "50 %"


def test_late_imports_count_and_those_for_type_checkers_do_not(write: Write) -> None:
    package = write(
        roof=(
            "if TYPE_CHECKING:\n    from house import walls\n\n\n"
            "def f():\n    import house.cellar\n"
        ),
        walls="",
        cellar="",
    )

    figures, _ = shape_of(package)

    assert package.arrows == {("house.roof", "house.cellar")}
    assert figures["imports in functions (of the package itself)"] == "1 (1)"


def test_relative_imports_find_their_module(write: Write) -> None:
    package = write(
        roof__tiles="from . import beams\nfrom .beams import LONG\nfrom ..walls import brick\n",
        roof__beams="",
        walls="",
    )

    assert package.arrows == {
        ("house.roof.tiles", "house.roof.beams"),
        ("house.roof.tiles", "house.walls"),
    }


def test_a_late_import_states_its_milliseconds_beside_it_or_above(write: Write) -> None:
    package = write(
        roof=(
            "def f():\n"
            "    import json  # noqa: PLC0415 - 12 ms\n"
            "    # 3.5 ms, and rarely needed\n"
            "    import csv\n"
            "    import re  # noqa: PLC0415 - slow\n"
        )
    )

    _, named = shape_of(package)

    assert named["without milliseconds saved"] == ["house/roof.py:5"]


def test_circles_are_found_between_modules_and_between_folders(write: Write) -> None:
    package = write(
        roof="def f():\n    import house.walls\n",
        walls="import house.roof\n",
        east__door="import house.west.door\n",
        west__door="",
        west__window="import house.east.window\n",
        east__window="",
    )

    _, named = shape_of(package)

    assert named["circles of modules"] == ["house.roof house.walls"]
    assert named["circles of folders"] == ["house: east west"]


def test_the_fewest_arrows_run_up_and_all_that_go_into_the_front() -> None:
    arrows = {("a", "b"), ("b", "a"), ("b", "c"), ("c", "a"), ("c", "__init__")}

    folder = Folder("house", frozenset({"a", "b", "c", "__init__"}), frozenset(arrows))

    assert folder.up == [("c", "__init__"), ("a", "b")]
    assert folder.floors == 3


def test_a_folder_stands_for_all_that_it_holds(write: Write) -> None:
    package = write(cli__main="import house.store.runs, house.store.facts\n", store__runs="")

    whole = folders(package)[0]

    assert whole.rooms == {"cli", "store"}
    assert whole.arrows == {("cli", "store")}
    assert whole.floors == 2


def test_who_reaches_into_execution_is_named_unless_it_is_cli(write: Write) -> None:
    package = write(
        execution__run="",
        cli__main="import house.execution.run\n",
        hooks="from house.execution import run\n",
    )

    figures, named = shape_of(package)

    assert figures["imports of execution from elsewhere (not from cli)"] == "2 (1)"
    assert named["imports of execution from elsewhere, not from cli"] == [
        "house.hooks -> house.execution.run"
    ]


def test_calls_from_file_to_file_are_counted_a_generator_when_it_starts(tmp_path: Path) -> None:
    main = "from gitexp.store import numbers\n\n\ndef main(argv):\n    return sum(numbers(3))\n"
    store = "def numbers(count):\n    for one in range(count):\n        yield double(one)\n\n\n"
    store += "def double(one):\n    return (lambda: 2 * one)()\n"
    (tmp_path / "gitexp" / "cli").mkdir(parents=True)
    (tmp_path / "gitexp" / "__init__.py").touch()
    (tmp_path / "gitexp" / "cli" / "main.py").write_text(main)
    (tmp_path / "gitexp" / "store.py").write_text(store)
    answer = tmp_path / "answer.json"

    ended = subprocess.run(
        [sys.executable, walker.__file__, str(tmp_path), str(answer), "x"], check=False
    )

    assert ended.returncode == 6
    assert json.loads(answer.read_text()) == {
        "calls": 5,
        "functions": 3,
        "files": 2,
        "deepest": 3,
        "crossings": [["cli/main.py", "store.py", 1]],
        "names": {"double": 3, "main": 1, "numbers": 1},
    }
