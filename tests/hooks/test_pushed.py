"""`pre-push`: records stay where they belong, data goes first, tips are checked."""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.hooks.workshop import CopyOf, Once, Track
from tests.workshop import Git, GitEnded, Gitexp


@pytest.fixture(scope="session")
def with_hub(once: Once) -> Path:
    """A repository with an 'origin' and a DVC remote beside it, and main there; to be copied."""
    place, run = once("with-hub")
    (place / ".dvc/config").write_text(
        "[core]\n    remote = store\n['remote \"store\"']\n    url = ../../store\n"
    )
    run("git", "init", "--quiet", "--bare", "../hub.git")
    run("git", "remote", "add", "origin", "../hub.git")
    run("git", "commit", "--quiet", "--all", "-m", "a place for data")
    run("git", "push", "--quiet", "origin", "main")
    return place


@pytest.fixture
def hooked(with_hub: Path, copy_of: CopyOf) -> Path:
    return copy_of(with_hub)


@pytest.fixture
def hub(with_hub: Path, hooked: Path) -> Path:
    """The bare repository that is the 'origin'."""
    shutil.copytree(with_hub.with_name("hub.git"), hooked.with_name("hub.git"))
    return hooked.with_name("hub.git")


def tips(git: Git, hub: Path) -> set[str]:
    return set(git("for-each-ref", "--format=%(refname:short)", cwd=hub).split())


def stored(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "store").rglob("*") if path.is_file()]


def test_a_sound_push_says_nothing(hub: Path, hooked: Path, git: Git, git_ended: GitEnded) -> None:
    (hooked / "train.py").write_text("print(2)\n")
    git("commit", "--quiet", "--all", "-m", "code")

    ended = git_ended("push", "--quiet", "origin", "main")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert git("rev-parse", "main", cwd=hub) == git("rev-parse", "main")


def test_data_goes_before_the_commits_that_point_to_it(
    hub: Path, git: Git, git_ended: GitEnded, track: Track, tmp_path: Path
) -> None:
    track("one\n")
    track("two\n")

    ended = git_ended("push", "--quiet", "origin", "main")

    assert (ended.returncode, ended.stderr) == (0, "gitexp: sent 2 files of data\n")
    assert len(stored(tmp_path)) == 2
    assert tips(git, hub) == {"main"}


def whole(reader: int) -> bytes:
    """Return all that has been written to a terminal, which comes in parts."""
    shown = b""
    with contextlib.suppress(OSError):  # Linux says so that nobody has it open any more
        while part := os.read(reader, 10_000):
            shown += part
    return shown


@pytest.mark.usefixtures("hub")
def test_on_a_terminal_a_push_shows_how_far_the_data_is(track: Track) -> None:
    track("one\n")
    reader, terminal = pty.openpty()

    subprocess.run(["git", "push", "--quiet", "origin", "main"], stderr=terminal, check=True)

    os.close(terminal)
    shown = whole(reader).decode()
    os.close(reader)
    assert shown.startswith("\r\x1b[KCopying data: 0/1 files")
    assert shown.endswith("\r\x1b[Kgitexp: sent 1 file of data\r\n")


@pytest.mark.usefixtures("hub")
def test_where_the_data_cannot_go_nothing_goes(
    git_ended: GitEnded, track: Track, tmp_path: Path
) -> None:
    track("one\n")
    (tmp_path / "store").write_text("in the way")

    ended = git_ended("push", "--quiet", "origin", "main:other")

    assert ended.returncode == 1
    assert "gitexp: not pushed:\n  the data cannot be sent: " in ended.stderr
    assert "hint: `git push --no-verify` pushes anyway." in ended.stderr


@pytest.mark.usefixtures("hub")
def test_data_that_is_nowhere_is_named(hooked: Path, git_ended: GitEnded, track: Track) -> None:
    track("one\n")
    subprocess.run(["rm", "-r", hooked / ".dvc/cache"], check=True)

    ended = git_ended("push", "--quiet", "origin", "main")

    assert ended.returncode == 1
    assert "the data of 'data.csv' is neither here nor on the DVC remote" in ended.stderr


@pytest.mark.usefixtures("hub")
def test_data_that_another_remote_has_is_somewhere(
    hooked: Path, git_ended: GitEnded, track: Track, tmp_path: Path
) -> None:
    track("one\n")
    shutil.move(hooked / ".dvc/cache", tmp_path / "images")
    with (hooked / ".dvc/config").open("a") as config:
        config.write(f"['remote \"images\"']\n    url = {tmp_path / 'images'}\n")

    ended = git_ended("push", "--quiet", "origin", "main")

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.usefixtures("hub")
def test_data_that_only_an_earlier_version_has_lost_is_a_warning(
    hooked: Path, git_ended: GitEnded, track: Track, tmp_path: Path
) -> None:
    track("one\n")
    subprocess.run(["rm", "-r", hooked / ".dvc/cache"], check=True)
    track("two\n")

    ended = git_ended("push", "--quiet", "origin", "main")

    words = "the data of 'data.csv', in a version before the last, is neither here nor on the"
    assert (ended.returncode, len(stored(tmp_path))) == (0, 1)
    assert f"gitexp: warning: {words} DVC remote\n" in ended.stderr


def test_data_goes_where_dvc_push_would_send_it(
    hub: Path, hooked: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp, tmp_path: Path
) -> None:
    with (hooked / ".dvc/config").open("a") as config:
        config.write(f"['remote \"images\"']\n    url = {tmp_path / 'images'}\n")
    (hooked / ".gitignore").write_text("/shared.csv\n/secret.csv\n")
    for name, more in (("shared.csv", "  remote: images\n"), ("secret.csv", "  push: false\n")):
        (hooked / name).write_text(f"{name}\n")
        assert gitexp("track", name).code == 0
        with (hooked / f"{name}.dvc").open("a") as pointer:
            pointer.write(more)
    git("add", "--all")
    git("commit", "--quiet", "-m", "data")

    ended = git_ended("push", "--quiet", "origin", "main")

    assert (ended.returncode, ended.stderr) == (0, "gitexp: sent 1 file of data\n")
    sent = [path.read_text() for path in (tmp_path / "images").rglob("*") if path.is_file()]
    assert (tips(git, hub), sent, stored(tmp_path)) == ({"main"}, ["shared.csv\n"], [])


@pytest.mark.usefixtures("hub")
def test_a_tip_that_cannot_be_read_is_refused(hooked: Path, git: Git, git_ended: GitEnded) -> None:
    (hooked / "metrics.json").write_text("{")
    git("commit", "--quiet", "--all", "--no-verify", "-m", "broken")

    ended = git_ended("push", "--quiet", "origin", "main")

    assert ended.returncode == 1
    assert "gitexp: not pushed:\n  'metrics.json' is not valid JSON" in ended.stderr
    assert git_ended("push", "--quiet", "--no-verify", "origin", "main").returncode == 0


@pytest.mark.parametrize(("push", "start"), [("warn", "warning: "), ("strict", "not pushed:\n  ")])
@pytest.mark.usefixtures("hub")
def test_work_in_progress_is_a_warning_unless_the_settings_are_strict(
    hooked: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp, push: str, start: str
) -> None:
    (hooked / "gitexp.yaml").write_text(
        f"hooks: {{push: {push}}}\npolicy:\n  accuracy: {{min: 0.95}}\n"
    )
    git("commit", "--quiet", "--all", "-m", "stricter")
    assert gitexp("save", "-n", "first-run").code == 0
    (hooked / "params.yaml").write_text("lr: 0.7\nseed: 1\n")
    git("commit", "--quiet", "--all", "-m", "not run yet")

    ended = git_ended("push", "--quiet", "origin", "main", "main:same")

    assert ended.returncode == (1 if push == "strict" else 0)
    assert f"gitexp: {start}accuracy is 0.9" in ended.stderr
    assert ended.stderr.count("accuracy") == 1
    assert "run again" in ended.stderr


@pytest.mark.parametrize("name", ["other", "workspace", "staged"])
def test_a_branch_is_checked_as_it_is_pushed_whatever_it_is_called(
    hub: Path, hooked: Path, git_ended: GitEnded, track: Track, gitexp: Gitexp, name: str
) -> None:
    assert hub.exists()
    track("1,2\n")
    assert gitexp("save", "-n", "first-run").code == 0
    (hooked / "data.csv").unlink()
    (hooked / "data.csv").write_text("9,9\n")

    ended = git_ended("push", "--quiet", "origin", f"main:{name}")

    assert (ended.returncode, ended.stderr) == (0, "gitexp: sent 1 file of data\n")


@pytest.mark.parametrize("place", ["refs/tags/v1", "refs/for/main"])
def test_data_goes_first_wherever_a_commit_goes(
    hub: Path, git: Git, git_ended: GitEnded, track: Track, tmp_path: Path, place: str
) -> None:
    track("one\n")
    git("tag", "--annotate", "-m", "first", "v1")

    ended = git_ended("push", "--quiet", "origin", f"v1:{place}")

    assert (ended.returncode, ended.stderr) == (0, "gitexp: sent 1 file of data\n")
    assert (len(tips(git, hub)), len(stored(tmp_path))) == (2, 1)


@pytest.mark.usefixtures("hub")
def test_a_push_to_an_address_sends_what_no_remote_has(
    git: Git, git_ended: GitEnded, track: Track, tmp_path: Path
) -> None:
    track("one\n")
    git("push", "--quiet", "--no-verify", "origin", "main")
    track("two\n")
    git("init", "--quiet", "--bare", tmp_path / "fork.git")

    ended = git_ended("push", "--quiet", tmp_path / "fork.git", "main")

    assert (ended.returncode, ended.stderr) == (0, "gitexp: sent 1 file of data\n")


def test_records_of_runs_stay_off_other_branches(
    hub: Path, hooked: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    assert gitexp("save", "-n", "first-run").code == 0
    git("checkout", "--quiet", "-b", "side")
    git("merge", "--quiet", "--allow-unrelated-histories", "--no-edit", "-X", "ours", "experiments")
    assert (hooked / ".gitexp/run.json").exists()

    ended = git_ended("push", "--quiet", "origin", "side", "experiments:else")

    assert ended.returncode == 1
    assert "'side' has records of runs ('.gitexp/', in " in ended.stderr
    assert "'else' has records of runs" in ended.stderr
    assert tips(git, hub) == {"main"}


def test_records_that_the_remote_has_already_stay_off_other_branches_as_well(
    hub: Path, hooked: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    assert gitexp("save", "-n", "first-run").code == 0
    git("push", "--quiet", "origin", "experiments")
    git("checkout", "--quiet", "-b", "side", "experiments")
    (hooked / "train.py").write_text("print(2)\n")
    git("commit", "--quiet", "--all", "-m", "code")
    git("checkout", "--quiet", "-b", "later")
    git("rm", "--quiet", "-r", ".gitexp")
    git("commit", "--quiet", "-m", "no record any more")

    for branch, to in (("experiments", "else"), ("side", "side"), ("later", "later")):
        ended = git_ended("push", "--quiet", "origin", f"{branch}:{to}")
        assert (ended.returncode, f"'{to}' has records of runs" in ended.stderr) == (1, True)
    assert tips(git, hub) == {"main", "experiments"}


def test_records_that_a_branch_has_on_the_remote_can_be_taken_out_without_a_rebase(
    hub: Path, hooked: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    assert gitexp("save", "-n", "first-run").code == 0
    git("checkout", "--quiet", "experiments", "--", ".gitexp")
    git("commit", "--quiet", "-m", "by mistake")
    git("push", "--quiet", "--no-verify", "origin", "main")
    (hooked / "train.py").write_text("print(2)\n")
    git("commit", "--quiet", "--all", "-m", "code")

    refused = git_ended("push", "--quiet", "origin", "main")
    git("rm", "--quiet", "-r", ".gitexp")
    git("commit", "--quiet", "-m", "no record any more")
    ended = git_ended("push", "--quiet", "origin", "main")

    way = "`git rm -r .gitexp` and a commit take them out"
    words = f"'main' already had records of runs: {way}"
    assert (refused.returncode, words in refused.stderr) == (1, True)
    assert (ended.returncode, "records" in ended.stderr) == (0, False)
    assert git("rev-parse", "main", cwd=hub) == git("rev-parse", "main")


def test_what_is_refused_has_sent_no_data(
    hub: Path, hooked: Path, git: Git, git_ended: GitEnded, track: Track, tmp_path: Path
) -> None:
    track("one\n")
    (hooked / "metrics.json").write_text("{")
    git("commit", "--quiet", "--all", "--no-verify", "-m", "broken")

    ended = git_ended("push", "--quiet", "origin", "main")

    assert (ended.returncode, stored(tmp_path), tips(git, hub)) == (1, [], {"main"})
    assert "gitexp: sent" not in ended.stderr


def test_runs_are_pushed_where_they_belong_with_their_data(
    hub: Path, hooked: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp, tmp_path: Path
) -> None:
    (hooked / "model.pt").write_text("weights\n")
    assert gitexp("save", "-n", "first-run").code == 0

    ended = git_ended("push", "--quiet", "origin", "experiments")

    assert ended.returncode == 0
    assert tips(git, hub) == {"main", "experiments"}
    assert len(stored(tmp_path)) == 1


@pytest.mark.usefixtures("hub")
def test_tags_deletions_and_what_is_there_already_are_passed_by(
    hooked: Path, git: Git, git_ended: GitEnded
) -> None:
    (hooked / "metrics.json").write_text("{")
    git("commit", "--quiet", "--all", "--no-verify", "-m", "broken")
    git("tag", "v1")
    git("push", "--quiet", "--no-verify", "origin", "main:old", "main:old2")

    for what in ("v1", ":old2", "main:old"):
        ended = git_ended("push", "--quiet", "origin", what)
        assert (what, ended.returncode, ended.stderr) == (what, 0, "")


def test_a_push_by_gitexp_passes_the_users_hook_and_not_ours(
    hub: Path, hooked: Path, git: Git, gitexp: Gitexp
) -> None:
    earlier = hooked / ".git/hooks/pre-push.before-gitexp"
    earlier.write_text("#!/bin/sh\nexit 1\n")
    earlier.chmod(0o755)
    (hooked / "model.pt").write_text("weights\n")
    gitexp("save", "-n", "first-run")

    refused = gitexp("push")
    assert refused.code == 2
    earlier.unlink()
    pushed = gitexp("push")
    assert pushed.code == 0

    assert tips(git, hub) == {"main", "experiments"}
    assert "gitexp: sent" not in refused.err + pushed.err
