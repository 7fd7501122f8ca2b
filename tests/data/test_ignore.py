"""The `.gitignore` line, judged by `dvc add` and by git."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from gitexp.data.ignore import with_ignored
from gitexp.errors import GitexpError

from tests.data.workshop import Dvc

NAMES = ("model.joblib", "[x]*?!#.bin", "#a", "!b", "two words", "größe", "back\\slash", "folder")


def escapes_backslashes() -> bool:
    """Return whether DVC gets lines from a pathspec that does: 1.1.1 or newer."""
    return tuple(map(int, version("pathspec").split(".")[:3])) >= (1, 1, 1)


def test_the_lines_are_those_of_dvc_add(project: Path, dvc: Dvc) -> None:
    (project / ".gitignore").write_bytes(b"*.pyc")
    names = [name for name in NAMES if "\\" not in name or escapes_backslashes()]
    for name in names[:-1]:
        (project / name).write_text(name)
    (project / "folder").mkdir()

    dvc(project, ["add", "--quiet", "--", *names])

    expected = b"*.pyc"
    for name in names:
        expected = with_ignored(expected, name)
    assert (project / ".gitignore").read_bytes() == expected


@pytest.mark.parametrize("name", [*NAMES, "trailing ", "trailing two  ", " leading", "caf\udce9"])
def test_git_ignores_the_path_and_no_other(plain: Path, name: str) -> None:
    (plain / ".gitignore").write_bytes(with_ignored(None, name))
    names = [name, f"x{name}", f"sub/{name}", name.replace("*", "y")]

    answer = subprocess.run(
        ["git", "check-ignore", "-z", "--stdin"],
        input=b"\0".join(name.encode("utf-8", "surrogateescape") for name in names) + b"\0",
        cwd=plain,
        capture_output=True,
        check=True,
    )

    ignored = answer.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
    assert set(ignored) == {name}


def test_a_line_is_written_once() -> None:
    once = with_ignored(b"a\n", "model.pt")

    assert with_ignored(once, "model.pt") == once
    assert with_ignored(b"/model.pt", "model.pt") == b"/model.pt"


def test_a_name_with_a_line_break_is_refused() -> None:
    with pytest.raises(GitexpError, match="cannot stand"):
        with_ignored(None, "a\nb")
