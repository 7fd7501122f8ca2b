"""A notebook is a command by itself: what it is run with, and which params it takes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.execution.command.process import CommandNotFound
from gitexp.execution.overrides.grammar import parse_override
from gitexp.execution.start.notebook import (
    notebook_argv,
    notebook_defaults,
    shadowing_note,
)
from gitexp.model.command.params import command_params
from gitexp.project import Project

from tests.workshop import Gitexp

CELLS = [
    {"cell_type": "markdown", "metadata": {}, "source": "# A training"},
    {
        "cell_type": "code",
        "metadata": {"tags": ["parameters"]},
        "source": ["lr: float = 0.1\n", "steps = width = 3\n", "print(lr)"],
    },
]
ENDS = ("--log-output", "--no-progress-bar")


KERNEL = {"kernelspec": {"name": "python3"}}


def notebook(cells: object, metadata: object = KERNEL) -> str:
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """Notebooks with params and without, and what only looks like one."""
    return {
        "sub/train.ipynb": notebook(CELLS),
        "bare.ipynb": notebook(CELLS[:1]),
        "r.ipynb": notebook([{**CELLS[1], "source": "lr <- 0.1"}]),
        "old.ipynb": json.dumps({"worksheets": []}),
        "torn.ipynb": '{"cells": [',
    }


@pytest.fixture
def papermill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A program of that name; none of these tests runs it."""
    program = tmp_path / "bin" / "papermill"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return str(program)


def test_a_notebook_is_run_by_papermill_into_another_one(work_tree: Path, papermill: str) -> None:
    with Project.open(work_tree) as project:
        bare = notebook_argv(project, ("bare.ipynb",))
        own = notebook_argv(project, ("sub/train.ipynb", "-S", "lr=1e-2", "-Swidth=[1, 2]"))
        other = notebook_argv(project, ("r.ipynb", "-S", "lr=0.5"))

    assert bare == (papermill, "bare.ipynb", "bare.executed.ipynb", *ENDS)
    assert own[:3] == (papermill, "sub/train.ipynb", "sub/train.executed.ipynb")
    assert own[3:] == (*ENDS, "-y", '{"lr": 0.01, "width": [1, 2]}')
    assert other[-1] == '{"lr": 0.5}'


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({}, ("--kernel", "python3", "--language", "python")),
        ({"kernelspec": None}, ("--kernel", "python3", "--language", "python")),
        ({"language_info": {"name": "python"}}, ("--kernel", "python3")),
        ({"language_info": {"name": "R"}}, ()),
        ({"kernelspec": {"language": "julia"}}, ()),
    ],
)
def test_a_notebook_without_a_kernel_is_run_by_python_unless_it_is_in_another_language(
    work_tree: Path, papermill: str, metadata: object, told: tuple[str, ...]
) -> None:
    (work_tree / "new.ipynb").write_text(notebook(CELLS, metadata))

    with Project.open(work_tree) as project:
        argv = notebook_argv(project, ("new.ipynb",))

    assert argv == (papermill, "new.ipynb", "new.executed.ipynb", *ENDS, *told)


def test_what_the_notebook_sets_itself_are_params_as_well(work_tree: Path) -> None:
    """What is not plain is left out; what cannot be read is none of a param's business."""
    source = "lr: float = 0.1\na = b = [1, 2]\nx: int\nc, d = 1, 2\ne = f()\ng = {'h': 1}\n"
    (work_tree / "plain.ipynb").write_text(notebook([{**CELLS[1], "source": source}]))

    with Project.open(work_tree) as project:
        names = ("plain.ipynb", "bare.ipynb", "r.ipynb", "torn.ipynb", "no.ipynb")
        plain, *others = (notebook_defaults(project, name) for name in names)

    assert plain == {"lr": 0.1, "a": [1, 2], "b": [1, 2]}
    assert others == [{}] * 4


def test_a_value_for_params_files_that_the_notebook_sets_itself_is_pointed_out(
    work_tree: Path,
) -> None:
    overrides = [parse_override(one) for one in ("seed=1", "lr=0.4")]
    with Project.open(work_tree) as project:
        note = shadowing_note(project, ("sub/train.ipynb",), overrides)
        others = [
            shadowing_note(project, ("sub/train.ipynb", "-S", "lr=1"), overrides),
            shadowing_note(project, ("sub/train.ipynb",), overrides[:1]),
            shadowing_note(project, ("bare.ipynb",), overrides),
        ]

    assert note == (
        "note: `-S lr=0.4` before `--` is for params files, and 'sub/train.ipynb' sets 'lr' "
        "itself: `gitexp run -- sub/train.ipynb -S lr=0.4` sets that"
    )
    assert others == [None, None, None]


def test_what_is_set_is_recorded_as_params_of_the_command() -> None:
    words = ["a/b.ipynb", "-S", "lr=0.1", "-S", "name=adam", "-Sflag=True", "-S", "lr=0.2"]

    found = command_params(words)

    assert found.values == {"lr": 0.2, "name": "adam", "flag": True}
    assert found.left_out == []


@pytest.mark.parametrize(
    ("command", "message", "hint"),
    [
        (["no.ipynb"], "no notebook 'no.ipynb' here", None),
        (["old.ipynb"], "'old.ipynb' is not a notebook of today's format", "`jupyter nbconvert"),
        (["torn.ipynb"], "'torn.ipynb' cannot be read as a notebook: ", None),
        (["bare.ipynb", "-S", "lr=1"], "'bare.ipynb' has no cell with its params", "Give the cell"),
        (["sub/train.ipynb", "-S", "lrr=1"], "has no param 'lrr'", "Did you mean 'lr'?"),
        (["sub/train.ipynb", "-S", "xyz=1"], "has no param 'xyz'", "It has lr, steps, width."),
        (["bare.ipynb", "--name", "x"], "'--name' sets no param", "`gitexp run -- bare.ipynb -S"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_done(
    work_tree: Path, papermill: str, command: list[str], message: str, hint: str | None
) -> None:
    assert papermill
    with Project.open(work_tree) as project, pytest.raises(GitexpError) as refused:
        notebook_argv(project, tuple(command))

    assert message in str(refused.value)
    assert (refused.value.hint or "").startswith(hint or "")
    assert (hint is None) == (refused.value.hint is None)


@pytest.mark.skipif(find_spec("papermill") is not None, reason="papermill is beside gitexp here")
def test_without_papermill_the_way_to_get_it_is_said(
    work_tree: Path, tmp_path: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = shutil.which("git")
    assert git is not None
    (tmp_path / "git-alone").mkdir()
    (tmp_path / "git-alone" / "git").symlink_to(git)
    monkeypatch.setenv("PATH", str(tmp_path / "git-alone"))

    with Project.open(work_tree) as project, pytest.raises(CommandNotFound) as refused:
        notebook_argv(project, ("bare.ipynb",))
    ended = gitexp("run", "--", "bare.ipynb")

    assert str(refused.value) == "there is no papermill to run a notebook with"
    assert (ended.code, "hint: `pip install papermill ipykernel`" in ended.err) == (127, True)
