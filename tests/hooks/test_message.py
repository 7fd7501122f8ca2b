"""`prepare-commit-msg`: what stands in the message, and where nothing is added."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from gitexp.hooks.entry import main

from tests.workshop import Git, GitEnded

BETTER = '{"accuracy": 0.95, "f1": 0.8}\n'
SHOW = {"GIT_EDITOR": 'sh -c \'cat "$0" >shown.txt; echo next >"$0"\''}
APPEND = {"GIT_EDITOR": 'sh -c \'cat "$0" >shown.txt; echo next | cat - "$0" >t; mv t "$0"\''}


def shown(work_tree: Path) -> str:
    text = (work_tree / "shown.txt").read_text()
    (work_tree / "shown.txt").unlink()
    return text


def test_the_editor_shows_which_metrics_change(hooked: Path, git: Git, git_ended: GitEnded) -> None:
    (hooked / "metrics.json").write_text(BETTER)

    assert git_ended("commit", "--all", env=APPEND).returncode == 0

    assert shown(hooked).startswith(
        dedent("""
            # Metrics:
            #   accuracy 0.9 -> 0.95 (+0.05, better)
            #   f1 0.8
            #   loss removed
            #
            # Please enter""")
    )
    assert git("log", "-1", "--format=%B").strip() == "next"


def test_where_comments_are_kept_there_is_none(hooked: Path, git: Git, git_ended: GitEnded) -> None:
    (hooked / "metrics.json").write_text(BETTER)

    assert git_ended("commit", "--all", "--cleanup=scissors", env=APPEND).returncode == 0

    assert "Metrics" not in shown(hooked)
    assert git("log", "-1", "--format=%B").strip() == "next"


def test_a_template_keeps_its_line_ends(hooked: Path, git_ended: GitEnded) -> None:
    (hooked / "template.txt").write_bytes(b"title\r\n\r\nwhy:\r\n")
    (hooked / "metrics.json").write_text(BETTER)

    git_ended("commit", "--all", "--template=template.txt", env=APPEND)

    assert (hooked / "shown.txt").read_bytes().startswith(b"title\r\n\r\nwhy:\r\n\n# Metrics:\n")


def test_what_goes_wrong_keeps_nobody_from_committing(
    hooked: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """For `--no-verify` does not get around this hook."""
    (hooked / "broken").write_text("no index")
    monkeypatch.setenv("GIT_INDEX_FILE", "broken")

    assert main("prepare-commit-msg", ["message"]) == 0
    assert capfd.readouterr().err.startswith("gitexp: warning: 'git diff-index ")
    assert main("pre-commit", []) == 1
    assert f"hint: the index '{hooked / 'broken'}' is damaged." in capfd.readouterr().err


def test_a_message_that_is_given_gets_no_comment(hooked: Path, git: Git) -> None:
    (hooked / "metrics.json").write_text(BETTER)

    git("commit", "--all", "-m", "given")

    assert git("log", "-1", "--format=%B").strip() == "given"


def test_trailers_come_with_every_new_message_where_they_are_wanted(hooked: Path, git: Git) -> None:
    (hooked / "gitexp.yaml").write_text("hooks: {message: trailers}\n")
    (hooked / "metrics.json").write_text(BETTER)

    git("commit", "--all", "-m", "given")

    trailers = git("log", "-1", "--format=%(trailers)").strip().splitlines()
    assert trailers == [
        "Metric-Change: accuracy 0.9 -> 0.95 (+0.05)",
        "Metric-Change: f1 0.8",
        "Metric-Change: loss removed",
    ]


def test_an_amended_commit_that_gets_a_new_message_keeps_its_trailers(
    hooked: Path, git: Git
) -> None:
    (hooked / "gitexp.yaml").write_text("hooks: {message: trailers}\n")
    (hooked / "metrics.json").write_text('{"accuracy": 0.95, "loss": 0.3}\n')
    git("commit", "--all", "-m", "one")
    trailers = git("log", "-1", "--format=%(trailers:only)")

    git("commit", "--amend", "-m", "two")

    assert trailers.startswith("Metric-Change: accuracy 0.9 -> 0.95")
    assert git("log", "-1", "--format=%s%n%(trailers:only)") == f"two\n{trailers}"
    (hooked / "metrics.json").write_text('{"accuracy": 0.97, "loss": 0.3}\n')
    git("commit", "--all", "--am", "-m", "three")
    assert "accuracy 0.9 -> 0.97" in git("log", "-1", "--format=%B")


def test_a_commit_of_the_same_second_is_none_that_is_amended(hooked: Path, git: Git) -> None:
    (hooked / "gitexp.yaml").write_text("hooks: {message: trailers}\n")
    date = git("log", "-1", "--format=%ad").strip()
    for accuracy in ("0.95", "0.97"):
        (hooked / "metrics.json").write_text(f'{{"accuracy": {accuracy}, "loss": 0.3}}\n')
        git("commit", "--all", f"--date={date}", "-m", "next")

    assert "accuracy 0.95 -> 0.97" in git("log", "-1", "--format=%B")


def test_in_a_folder_the_message_says_which_project_has_changed(
    hooked: Path, git: Git, git_ended: GitEnded
) -> None:
    (hooked / "vision").mkdir()
    (hooked / "vision/metrics.json").write_text('{"f1": 0.5}\n')
    (hooked / "vision/gitexp.yaml").touch()
    git("add", "--all")

    git_ended("commit", env=APPEND)
    assert "# Metrics of vision:\n#   f1 0.5\n" in shown(hooked)
    (hooked / "vision/gitexp.yaml").write_text("hooks: {message: trailers}\n")
    (hooked / "vision/metrics.json").write_text('{"f1": 0.6}\n')
    git("commit", "--all", "-m", "next")
    assert "\nMetric-Change: vision: f1 0.5 -> 0.6 (+0.1)" in git("log", "-1", "--format=%B")


def test_a_fixup_gets_no_trailers(hooked: Path, git: Git) -> None:
    (hooked / "gitexp.yaml").write_text("hooks: {message: trailers}\n")
    (hooked / "metrics.json").write_text(BETTER)

    git("commit", "--all", "--fixup=HEAD")

    assert git("log", "-1", "--format=%B").strip() == "fixup! hooks"


def test_nothing_is_said_where_it_is_not_wanted_or_no_metric_changes(
    hooked: Path, git_ended: GitEnded
) -> None:
    (hooked / "params.yaml").write_text("lr: 0.2\n")
    git_ended("commit", "--all", env=SHOW)
    assert "Metrics" not in shown(hooked)

    (hooked / "gitexp.yaml").write_text("hooks: {message: none}\n")
    (hooked / "metrics.json").write_text(BETTER)
    git_ended("commit", "--all", env=SHOW)
    assert "Metrics" not in shown(hooked)


@pytest.mark.parametrize("wanted", ["comment", "trailers"])
def test_the_message_of_another_commit_stays_as_it_is(hooked: Path, git: Git, wanted: str) -> None:
    (hooked / "gitexp.yaml").write_text(f"hooks: {{message: {wanted}}}\n")
    git("commit", "--all", "-m", "settings")
    git("checkout", "--quiet", "-b", "side")
    (hooked / "metrics.json").write_text(BETTER)
    git("commit", "--all", "--no-verify", "--cleanup=verbatim", "-m", "side")
    plain = git("log", "-1", "--format=%B")

    (hooked / "metrics.json").write_text('{"accuracy": 0.7}\n')
    git("commit", "--all", "--amend", "--no-edit")
    assert git("log", "-1", "--format=%B") == plain
    git("checkout", "--quiet", "main")
    git("merge", "--no-ff", "--no-edit", "side")
    assert git("log", "-1", "--format=%B").strip() == "Merge branch 'side'"
    git("reset", "--quiet", "--hard", "HEAD~1")
    git("cherry-pick", "side")
    assert git("log", "-1", "--format=%B") == plain


def test_another_comment_character_is_respected(
    hooked: Path, git: Git, git_ended: GitEnded
) -> None:
    git("config", "core.commentChar", ";")
    (hooked / "metrics.json").write_text(BETTER)

    git_ended("commit", "--all", env=APPEND)

    assert "; Metrics:\n;   accuracy" in shown(hooked)
    assert git("log", "-1", "--format=%B").strip() == "next"


def test_comments_that_git_would_keep_are_not_written(
    hooked: Path, git: Git, git_ended: GitEnded
) -> None:
    git("config", "commit.cleanup", "whitespace")
    (hooked / "metrics.json").write_text(BETTER)

    git_ended("commit", "--all", env=SHOW)

    assert "Metrics" not in shown(hooked)
