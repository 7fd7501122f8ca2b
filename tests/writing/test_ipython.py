"""`%load_ext gitexp`: cells as runs, commands below cells. IPython's part is played by a shell."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import gitexp as package
from gitexp.api import runs
from gitexp.errors import GitexpError
from gitexp.writing.ipython import CellFailed, CellInterrupted, _logged

from tests.workshop import git

CELL = "accuracy = factor * 2\nprint('trained with', factor)\ngitexp.log({'accuracy': accuracy})\n"


class Shell:
    """What IPython does with a magic and a cell, without IPython."""

    def __init__(self) -> None:
        self.magics: dict[str, Callable[..., None]] = {}
        self.names: dict[str, Any] = {"gitexp": package}

    def register_magic_function(
        self, func: Any, magic_kind: str = "line", magic_name: str | None = None
    ) -> None:
        assert magic_kind == "line_cell"
        assert magic_name is not None
        self.magics[magic_name] = func

    def push(self, variables: Mapping[str, Any]) -> None:
        self.names.update(variables)

    def run_cell(self, raw_cell: str) -> SimpleNamespace:
        error: BaseException | None = None
        try:
            exec(compile(raw_cell, "<cell>", "exec"), self.names)
        except BaseException as raised:  # noqa: BLE001 - as IPython does
            error = raised
        return SimpleNamespace(error_before_exec=None, error_in_exec=error)


@pytest.fixture
def shell(work_tree: Path) -> Shell:
    """A notebook's shell in the work tree, with gitexp's magics."""
    assert work_tree.exists()
    found = Shell()
    load: Callable[[Shell], None] = vars(package)["__getattr__"]("load_ipython_extension")
    load(found)
    return found


def test_a_cell_is_a_run_with_its_params_its_values_and_what_it_printed(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.magics["gitexp"]("run -n cell -m 'does it?' -S factor=0.25", CELL)
    with pytest.raises(CellFailed) as failed:
        shell.magics["gitexp"]("run -n bad", "print('so far')\n1 / 0\n")
    with pytest.raises(CellInterrupted):
        shell.magics["gitexp"]("run -n cut", "raise KeyboardInterrupt\n")

    cut, bad, cell = runs()
    assert "trained with 0.25\n" in capsys.readouterr().out
    assert (cell.name, cell.status, cell.message) == ("cell", "done", "does it?")
    assert (cell.params["factor"], cell.metrics["accuracy"]) == (0.25, 0.5)
    assert shell.names["accuracy"] == 0.5
    log = git("show", f"{cell.oid}:.gitexp/output.log")
    assert log.startswith(">>> accuracy = factor * 2\n>>> print(")
    assert log.endswith("\ntrained with 0.25\n")
    assert (bad.status, cut.status) == ("failed", "interrupted")
    assert failed.value._render_traceback_() == []  # the cell has shown its own
    assert git("show", f"{bad.oid}:.gitexp/output.log").endswith(">>> 1 / 0\nso far\n")


def test_a_command_is_printed_below_its_cell(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.magics["gitexp"]("ls")

    assert capsys.readouterr().out == "No runs.\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ls", "'%%gitexp ls' has no cell"),
        ("", "'%%gitexp ' has no cell"),
        ("run --nmae x", "unrecognized arguments: --nmae x"),
        ("run -S lr", "'-S lr' sets no variable"),
    ],
)
def test_a_mistake_is_said_before_the_cell_runs(shell: Shell, line: str, message: str) -> None:
    with pytest.raises(GitexpError, match=message) as refused:
        shell.magics["gitexp"](line, "never = 1\n")

    assert refused.value.hint
    assert "never" not in shell.names


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a disk that is full")
def test_a_full_disk_costs_the_log_and_not_the_cell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "output.log").symlink_to("/dev/full")

    with _logged(str(tmp_path / "logged"), "print('shown')"):
        sys.stdout.write("shown\n")
        sys.stdout.write("x" * 100_000 + "\n")

    assert capsys.readouterr().out == "shown\n" + "x" * 100_000 + "\n"
