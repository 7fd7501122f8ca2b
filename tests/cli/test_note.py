"""`gitexp note`: comments, written on the command line or in an editor."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gitexp.errors import ExitCode

from tests.cli.workshop import Run
from tests.workshop import Git, Gitexp

TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
WRITTEN = (ExitCode.OK, "", "commented on 'first'\n")


@pytest.fixture(autouse=True)
def _a_run(run: Run) -> None:
    """A run called 'first'."""
    run("first")


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Make a shell script the editor that git uses; it works on "$1" and keeps what it saw."""

    def use(script: str) -> Path:
        place = tmp_path / "editor.sh"
        place.write_text(f'#!/bin/sh\ncp "$1" {tmp_path}/seen\n{script}\n')
        place.chmod(0o755)
        monkeypatch.setenv("GIT_EDITOR", str(place))
        return tmp_path / "seen"

    return use


def shown(text: str) -> str:
    return re.sub(TIME, "TIME", text)


def test_comments_are_written_and_shown_with_time_and_author(gitexp: Gitexp) -> None:
    assert gitexp("note", "first", "-m", "diverges after epoch 30") == WRITTEN
    assert gitexp("note", "first", "-m", " No,", "-m", "it does not. ") == WRITTEN

    code, out, err = gitexp("note", "first")

    assert (code, err) == (ExitCode.OK, "")
    assert shown(out).splitlines() == [
        "TIME   Ada   diverges after epoch 30",
        "TIME   Ada   No,",
        "",
        " " * len("2026-01-02 03:04 UTC   Ada   ") + "it does not.",
    ]
    [first, second] = json.loads(gitexp("note", "first", "--json")[1])
    assert (first["text"], first["by"]) == ("diverges after epoch 30", "Ada <ada@example.com>")
    assert second["text"] == "No,\n\nit does not."
    assert first["time"] < second["time"]


def test_show_and_ls_have_the_comments(gitexp: Gitexp) -> None:
    gitexp("note", "first", "-m", "a word")

    assert re.search(rf"\nComments\n  {TIME}   Ada   a word\n", gitexp("show", "first")[1])
    for command in (("show", "first"), ("ls",)):
        found = json.loads(gitexp(*command, "--json")[1])
        [comment] = (found[0] if isinstance(found, list) else found)["comments"]
        assert comment["text"] == "a word"
    rows = gitexp("show", "first", "--csv")[1].splitlines()
    assert re.fullmatch(r"comment,Ada <ada@example.com>,[^,]+Z,a word", rows[-1])


def test_a_run_without_comments_says_so(gitexp: Gitexp) -> None:
    assert gitexp("note", "first") == (ExitCode.OK, "No comments.\n", "")


def test_an_empty_comment_is_not_written(
    gitexp: Gitexp, git: Git, editor: Callable[[str], Path]
) -> None:
    editor('printf "# nothing\\n" > "$1"')
    refused = (ExitCode.ERROR, "", "error: the comment is empty, and was not written\n")

    assert gitexp("note", "first", "-m", " ") == refused
    assert gitexp("note", "first", "--edit") == refused
    assert git("for-each-ref", "refs/notes") == ""


def test_the_editor_of_git_is_used_and_sees_what_was_said(
    gitexp: Gitexp, editor: Callable[[str], Path]
) -> None:
    gitexp("note", "first", "-m", "earlier")
    seen = editor('printf "edited\\n# left out\\n\\nmore\\n" > "$1"')

    assert gitexp("note", "first", "-e", "-m", "draft") == WRITTEN

    assert json.loads(gitexp("note", "first", "--json")[1])[1]["text"] == "edited\n\nmore"
    lines = seen.read_text().splitlines()
    assert lines[0] == "draft"
    assert lines[1] == "# A comment on run 'first'. Lines that begin with '#' are left out;"
    assert lines[-1] == "# earlier"


def test_an_editor_that_fails_costs_nothing_but_the_comment(
    gitexp: Gitexp, git: Git, editor: Callable[[str], Path]
) -> None:
    editor("exit 3")

    code, out, err = gitexp("note", "first", "-e")

    assert (code, out) == (ExitCode.ERROR, "")
    assert "editor.sh: Editing failed" in err
    assert git("for-each-ref", "refs/notes") == ""


def test_without_any_editor_one_is_asked_to_use_the_option(
    gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GIT_EDITOR")
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "dumb")

    code, _, err = gitexp("note", "first", "-e")

    assert code == ExitCode.ERROR
    assert err.startswith("error: no editor to write in: ")
    assert err.endswith("hint: Give the comment with `-m`.\n")


def test_what_a_comment_holds_does_not_act_on_the_terminal(gitexp: Gitexp) -> None:
    gitexp("note", "first", "-m", "red \x1b[31m alert")

    assert "red \\x1b[31m alert" in gitexp("note", "first")[1]


def test_a_comment_without_its_option_is_answered_with_the_whole_command(gitexp: Gitexp) -> None:
    assert gitexp("note", "first", "it's", "too slow") == (
        ExitCode.ERROR,
        "",
        """\
error: 'it's' is one word too many
hint: Give it with `-m`: `gitexp note first -m 'it'"'"'s too slow'`.
""",
    )
    assert gitexp("note", "first")[1] == "No comments.\n"
