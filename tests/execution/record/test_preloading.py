"""What is imported while a command runs, so that nothing is once it has ended."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_BEFORE = (
    "cli.commands.run.",
    "cli.running.",
    "cli.running_options.",
    "execution.overrides.grammar.",
    "execution.beside.",
    "cli.completion.",
    "cli.ending.not_started",
    "cli.ending.used_environment",
    "cli.main.",
    "cli.options.",
    "execution.overrides.composition.",
    "execution.overrides.edited_meanwhile._applied",
    "execution.overrides.params.apply",
    "execution.run.",
    "execution.start.",
    "git.remotes.",
    "inputs.alike._files",
)
"""What is done before a command starts, without one, or of repeats that are all recorded."""

_TAKE_LONG = ("dvc.dvcfile", "detect_secrets", "pynvml", "scipy", "statistics", "tensorboard")
"""What only some runs need; their steps have a net below them."""

_LIST_MODULES = """\
import importlib, sys
import gitexp.cli.commands.run, gitexp.execution.record.conclude
import gitexp.execution.record.surroundings
from gitexp.data.cache import preload
from gitexp.execution.record.preloading import LATE
preload()
for name in LATE:
    importlib.import_module(name)
for name, module in sys.modules.items():
    print(name, getattr(module, "__file__", None), sep="\\t")
"""


def test_whatever_the_end_of_a_run_may_need_is_imported_while_its_command_runs() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", _LIST_MODULES], capture_output=True, text=True, check=True
    )
    modules = dict(line.split("\t") for line in listed.stdout.splitlines())

    late = {
        f"{name.removeprefix('gitexp.')}.{function} imports {wanted}"
        for name, file in modules.items()
        if name.startswith("gitexp.")
        for function, wanted in _imports_in_functions(Path(file))
        if wanted not in modules and not wanted.startswith(_TAKE_LONG)
    }

    assert sorted(one for one in late if not one.startswith(_BEFORE)) == []
    assert any(one.startswith(_BEFORE) for one in late), "nothing was found at all"


def _imports_in_functions(file: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef):
            for one in ast.walk(node):
                if isinstance(one, ast.ImportFrom) and one.module:
                    yield node.name, one.module
                elif isinstance(one, ast.Import):
                    yield from ((node.name, alias.name) for alias in one.names)
