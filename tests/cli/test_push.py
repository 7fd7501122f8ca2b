"""`gitexp push`: runs and their data at a remote, whoever else pushes and whatever it refuses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from gitexp.errors import ExitCode

from tests.cli.workshop import Clone, Run, Screen
from tests.workshop import Git, Gitexp, dvc

MODEL = """\
import sys
from pathlib import Path

Path("metrics.json").write_text('{"accuracy": %s}' % sys.argv[1])
Path("model.pt").write_bytes(sys.argv[1].encode() * 100)
"""


class Refs(NamedTuple):
    """What a push may move, here and there."""

    here: str
    there: str


@pytest.fixture
def refs(work_tree: Path, hub: Path, git: Git) -> Callable[[], Refs]:
    """Return the branches of the work tree and of the hub."""
    form = "--format=%(refname) %(objectname)"

    def read() -> Refs:
        here = git("for-each-ref", form, "refs/heads", "refs/notes", cwd=work_tree)
        return Refs(here, git("for-each-ref", form, cwd=hub))

    return read


@pytest.fixture
def script(work_tree: Path) -> None:
    """A script that writes metrics and a model."""
    (work_tree / "train_model.py").write_text(MODEL)


def hook(hub: Path, *lines: str) -> None:
    place = hub / "hooks" / "pre-receive"
    place.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
    place.chmod(0o755)


def stored(store: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in store.rglob("*") if path.is_file())


def names(gitexp: Gitexp, *place: str | Path) -> list[str]:
    lines = gitexp(*place, "ls", "--csv")[1].splitlines()
    column = lines[0].split(",").index("name")
    return sorted(line.split(",")[column] for line in lines[1:])


@pytest.mark.usefixtures("hub")
def test_a_push_of_one_more_run_asks_git_little(
    gitexp: Gitexp, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each process takes 2 to 5 ms; what is near is read by the one that reads objects."""
    run("one")
    gitexp("push")
    run("two")
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE", str(trace))

    assert gitexp("push")[1] == "pushed 1 run to origin/experiments\n"

    lines = [line for line in trace.read_text().splitlines() if "built-in: git " in line]
    asked = [line.partition("built-in: git ")[2].split(" ")[0] for line in lines]
    assert asked.count("ls-remote") == asked.count("push") == asked.count("cat-file") == 1
    assert not {"version", "merge-base", "update-ref", "fetch"}.intersection(asked)


def test_push_sends_the_runs(gitexp: Gitexp, hub: Path, run: Run, git: Git) -> None:
    run("one")
    run("two")

    outcome = gitexp("push")

    assert outcome == (ExitCode.OK, "pushed 2 runs to origin/experiments\n", "")
    assert git("rev-parse", "experiments", cwd=hub) == git("rev-parse", "experiments")


@pytest.mark.usefixtures("hub")
def test_push_of_nothing_new_says_so(gitexp: Gitexp, run: Run) -> None:
    run("one")
    gitexp("push")

    assert gitexp("push", "origin") == (
        ExitCode.OK,
        "origin/experiments already has every run\n",
        "",
    )


@pytest.mark.usefixtures("hub")
def test_push_without_a_run_is_an_error(gitexp: Gitexp) -> None:
    assert gitexp("push") == (
        ExitCode.ERROR,
        "",
        "error: there are no runs to push yet\nhint: Make one with `gitexp run`.\n",
    )


@pytest.mark.usefixtures("work_tree")
def test_push_without_a_remote_is_an_error(gitexp: Gitexp, run: Run) -> None:
    run("one")

    assert gitexp("push") == (
        ExitCode.ERROR,
        "",
        "error: this repository has no remote\nhint: Add one with `git remote add origin URL`.\n",
    )


def test_push_touches_nothing_of_the_users(
    gitexp: Gitexp, hub: Path, run: Run, work_tree: Path, git: Git
) -> None:
    run("one")
    (work_tree / "train.py").write_text("staged\n")
    git("add", "train.py")
    (work_tree / "train.py").write_text("edited\n")
    before = git("status", "--porcelain"), git("rev-parse", "HEAD"), git("ls-files", "--stage")

    gitexp("push")

    assert before == (
        git("status", "--porcelain"),
        git("rev-parse", "HEAD"),
        git("ls-files", "--stage"),
    )
    assert (hub / "refs/heads/experiments").exists()


@pytest.mark.usefixtures("script")
def test_push_sends_the_data_as_well(gitexp: Gitexp, store: Path) -> None:
    gitexp("run", "-n", "one", "--", "python", "train_model.py", "0.5")

    outcome = gitexp("push")

    said = "pushed 1 run to origin/experiments; sent 1 file of data\n"
    assert outcome == (ExitCode.OK, said, "")
    assert stored(store) == [b"0.5" * 100]


@pytest.mark.usefixtures("script")
def test_push_sends_a_folder_of_data_with_its_files(
    gitexp: Gitexp, store: Path, work_tree: Path
) -> None:
    for name in ("a", "b"):
        (work_tree / "images" / "deep").mkdir(parents=True, exist_ok=True)
        (work_tree / "images" / "deep" / name).write_text(name)
    gitexp("track", "images")
    gitexp("run", "-n", "one", "--", "python", "train_model.py", "0.5")

    outcome = gitexp("push")

    assert outcome[1] == "pushed 1 run to origin/experiments; sent 4 files of data\n"
    assert {b"a", b"b", b"0.5" * 100} < set(stored(store))


@pytest.mark.usefixtures("script")
def test_push_sends_the_data_of_new_runs_only(gitexp: Gitexp, store: Path) -> None:
    gitexp("run", "-n", "one", "--", "python", "train_model.py", "0.5")
    gitexp("push")
    shutil.rmtree(store)
    gitexp("run", "-n", "two", "--", "python", "train_model.py", "0.6")

    gitexp("push")
    new = stored(store)
    gitexp("push", "--all-data")

    assert new == [b"0.6" * 100]
    assert stored(store) == [b"0.5" * 100, b"0.6" * 100]


@pytest.mark.usefixtures("script")
def test_without_a_dvc_remote_runs_travel_and_a_warning_names_the_data(
    gitexp: Gitexp, store: Path, hub: Path, work_tree: Path, tmp_path: Path
) -> None:
    (work_tree / ".dvc" / "config").write_text("")
    gitexp("run", "-n", "one", "--", "python", "train_model.py", "0.5")

    outcome = gitexp("push")
    (work_tree / ".dvc" / "config.local").write_text(
        f"[core]\n    remote = late\n['remote \"late\"']\n    url = {tmp_path / 'late'}\n"
    )
    later = gitexp("push", "--all-data")

    hint = (
        "hint: Set one up with `dvc remote add -d NAME URL`. "
        "`gitexp push --all-data` then sends it.\n"
    )
    assert outcome == (
        ExitCode.OK,
        "pushed 1 run to origin/experiments\n",
        f"warning: no DVC remote is set up, so the data of model.pt (one) stayed here\n{hint}",
    )
    assert (hub / "refs/heads/experiments").exists()
    assert later == (ExitCode.OK, "sent 1 file of data\n", "")
    assert stored(tmp_path / "late") == [b"0.5" * 100]
    assert stored(store) == []


@pytest.mark.usefixtures("script")
def test_data_that_is_nowhere_is_named(gitexp: Gitexp, store: Path, work_tree: Path) -> None:
    gitexp("run", "-n", "one", "--", "python", "train_model.py", "0.5")
    shutil.rmtree(work_tree / ".dvc" / "cache")

    outcome = gitexp("push")

    warning = "warning: the data of model.pt (one) is neither here nor on the DVC remote\n"
    assert outcome == (ExitCode.OK, "pushed 1 run to origin/experiments\n", warning)
    assert stored(store) == []


@pytest.mark.usefixtures("script")
def test_where_the_data_cannot_be_sent_no_run_is(
    gitexp: Gitexp, store: Path, refs: Callable[[], Refs]
) -> None:
    gitexp("run", "-n", "one", "--", "python", "train_model.py", "0.5")
    store.write_text("a file is in the way\n")
    before = refs()

    code, out, err = gitexp("push")

    assert (code, out) == (ExitCode.ERROR, "")
    assert err.startswith("error: the DVC remote could not take the data: ")
    assert err.partition("\n")[2] == (
        "hint: See `dvc remote list`, and check whether `dvc push` works. "
        "`gitexp push --no-data` sends the runs alone.\n"
    )
    assert refs() == before


@pytest.mark.usefixtures("script")
def test_no_data_sends_the_runs_alone_and_names_what_stayed(
    gitexp: Gitexp, store: Path, hub: Path, git: Git
) -> None:
    gitexp("run", "-n", "one", "--", "python", "train_model.py", "0.5")
    store.write_text("a file is in the way\n")

    alone = gitexp("push", "--no-data")
    store.unlink()
    again = gitexp("push")
    later = gitexp("push", "--all-data")

    assert alone[:2] == (ExitCode.OK, "pushed 1 run to origin/experiments\n")
    assert alone[2] == (
        "warning: the data of model.pt (one) stayed here\n"
        "hint: `gitexp push --all-data` sends it.\n"
    )
    assert git("rev-parse", "experiments", cwd=hub) == git("rev-parse", "experiments")
    assert again == (
        ExitCode.OK,
        "origin/experiments already has every run\n",
        "note: the data of 1 run was never sent: `gitexp push --all-data`\n",
    )
    assert later == (ExitCode.OK, "sent 1 file of data\n", "")
    assert stored(store) == [b"0.5" * 100]
    assert gitexp("push") == (ExitCode.OK, "origin/experiments already has every run\n", "")


@pytest.mark.usefixtures("script", "store")
def test_nothing_is_said_of_the_data_of_removed_runs_that_was_freed(gitexp: Gitexp) -> None:
    gitexp("run", "-n", "one", "--", "python", "train_model.py", "0.5")
    gitexp("run", "-n", "two", "--", "python", "train_model.py", "0.6")
    gitexp("push", "--no-data")
    gitexp("rm", "one")
    assert "freed 300 B" in gitexp("gc", "--force")[2]

    code, out, err = gitexp("push", "--all-data")

    assert (code, err) == (ExitCode.OK, "")
    assert out.startswith("sent 1 file of data")


@pytest.mark.usefixtures("store")
def test_no_data_says_nothing_of_runs_without_data(gitexp: Gitexp, run: Run) -> None:
    run("one")

    outcome = gitexp("push", "--no-data")

    assert outcome == (ExitCode.OK, "pushed 1 run to origin/experiments\n", "")


@pytest.mark.usefixtures("hub")
def test_all_data_and_no_data_exclude_each_other(gitexp: Gitexp) -> None:
    code, _, err = gitexp("push", "--all-data", "--no-data")

    assert code == ExitCode.ERROR
    assert "--all-data and --no-data exclude each other" in err


@pytest.fixture
def own_remotes(work_tree: Path, store: Path, tmp_path: Path, git: Git) -> Path:
    """Two more DVC remotes, one named by a `.dvc` file and one by a stage made with `foreach`."""
    places = {name: tmp_path / name for name in ("images", "models")}
    with (work_tree / ".dvc" / "config").open("a") as config:
        for name, place in places.items():
            config.write(f"['remote \"{name}\"']\n    url = {place}\n")
    (work_tree / "raw").write_text("pixels")
    (work_tree / "raw.dvc").write_text(
        "outs:\n- path: raw\n  hash: md5\n  md5: d1f56ee2d59c44a5f5eda27cd7b4e2d7\n"
        "  size: 6\n  remote: images\n"
    )
    (work_tree / "gitexp.yaml").write_text("")
    (work_tree / "dvc.yaml").write_text(
        "stages:\n  train:\n    foreach: [a, b]\n    do:\n"
        "      cmd: python -c \"open('${item}.pt', 'w').write('${item}')\"\n"
        "      deps: [raw]\n"
        "      outs:\n      - ${item}.pt: {remote: models}\n"
        "  count:\n    cmd: echo 2 > plain.txt\n    outs: [plain.txt]\n"
    )
    (work_tree / ".gitignore").write_text("/raw\n/a.pt\n/b.pt\n/plain.txt\n")
    dvc("commit", "--force", "raw.dvc")
    git("add", "--all")
    git("commit", "--quiet", "-m", "a pipeline")
    assert store.parent == tmp_path
    return tmp_path


def test_outputs_with_a_remote_of_their_own_go_there_as_with_dvc_push(
    gitexp: Gitexp, own_remotes: Path, work_tree: Path
) -> None:
    assert gitexp("run", "-n", "one")[0] == ExitCode.OK

    outcome = gitexp("push")

    assert outcome[1] == "pushed 1 run to origin/experiments; sent 4 files of data\n"
    assert outcome[2] == ""
    assert stored(own_remotes / "images") == [b"pixels"]
    assert stored(own_remotes / "models") == [b"a", b"b"]
    assert stored(own_remotes / "store") == [b"2\n"]
    assert dvc("push") == "Everything is up to date.\n"
    shutil.rmtree(work_tree / ".dvc" / "cache")
    fetched = gitexp("pull", "--data", "one")
    assert fetched[1] == "no new runs\none: 4 files of data fetched into the DVC cache\n"
    assert dvc("status") == "Data and pipelines are up to date.\n"


def test_a_remote_of_an_outputs_own_that_is_not_set_up_is_told(
    gitexp: Gitexp, own_remotes: Path, work_tree: Path
) -> None:
    gitexp("run", "-n", "one")
    config = (work_tree / ".dvc" / "config").read_text()
    (work_tree / ".dvc" / "config").write_text(config.partition("['remote \"models\"']")[0])

    outcome = gitexp("push")

    assert outcome[1] == "pushed 1 run to origin/experiments; sent 2 files of data\n"
    assert outcome[2].startswith("warning: config file error: remote 'models' doesn't exist")
    assert "the data of a.pt (one), b.pt (one) stayed here\n" in outcome[2]
    assert stored(own_remotes / "images") == [b"pixels"]


@pytest.mark.usefixtures("script")
def test_a_pipeline_that_dvc_cannot_read_is_no_obstacle(
    gitexp: Gitexp, store: Path, work_tree: Path
) -> None:
    (work_tree / "dvc.yaml").write_text("stages: {a: {outs: [x: {remote: none}], cmd: [}}\n")
    gitexp("run", "-n", "one", "--", "python", "train_model.py", "0.5")

    outcome = gitexp("push")

    assert outcome == (
        ExitCode.OK,
        "pushed 1 run to origin/experiments; sent 1 file of data\n",
        "",
    )
    assert stored(store) == [b"0.5" * 100]


def test_runs_of_two_clones_come_together(
    gitexp: Gitexp, hub: Path, run: Run, clone: Clone, git: Git
) -> None:
    run("root")
    gitexp("push")
    other = clone("other")
    gitexp("-C", other, "pull")
    run("mine")
    run("theirs", other)
    gitexp("-C", other, "push")

    outcome = gitexp("push")
    gitexp("-C", other, "pull")

    said = "pushed 1 run to origin/experiments; 1 run came from origin/experiments\n"
    assert outcome == (ExitCode.OK, said, "")
    assert names(gitexp) == names(gitexp, "-C", other) == ["mine", "root", "theirs"]
    tips = {git("rev-parse", "experiments", cwd=place) for place in (None, other, hub)}
    assert len(tips) == 1


def test_a_clone_that_ran_before_it_pulled_is_mended_by_the_join(
    gitexp: Gitexp, run: Run, clone: Clone, git: Git
) -> None:
    run("first")
    gitexp("push")
    other = clone("other")
    run("alone", other)

    outcome = gitexp("-C", other, "push")
    gitexp("pull")

    assert outcome[0] == ExitCode.OK
    assert names(gitexp) == names(gitexp, "-C", other) == ["alone", "first"]
    assert len(git("rev-list", "--max-parents=0", "experiments").split()) == 1


def test_four_clones_with_eight_runs_each_that_push_at_once_all_succeed(
    gitexp: Gitexp, hub: Path, clone: Clone, run: Run, git: Git
) -> None:
    clones = [clone(f"clone-{n}") for n in range(4)]
    expected = sorted(f"run-{place.name}-{n}" for place in clones for n in range(8))
    for place in clones:
        for number in range(8):
            run(f"run-{place.name}-{number}", place)

    said = all_at_once([[sys.executable, "-m", "gitexp", "push"]] * 4, clones)

    assert all(line.startswith("pushed ") for line in said), said
    gitexp("pull")
    assert names(gitexp) == expected
    subjects = git("log", "--format=%s", "experiments", cwd=hub)
    assert [subjects.count(f"{name}: ") for name in expected] == [1] * 32
    git("fsck", "--strict", cwd=hub)


def all_at_once(commands: list[list[str]], places: list[Path]) -> list[str]:
    """Start all commands before the first one ends, and return what each printed."""
    started = [
        subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for command, place in zip(commands, places, strict=True)
    ]
    ended = [(process.communicate(), process.returncode) for process in started]
    assert [code for _, code in ended] == [0] * len(ended), ended
    return [out.decode() for (out, _), _ in ended]


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("This branch must not contain merge commits.", "a linear history"),
        ("Commits must have verified signatures.", "signed commits"),
        ("GH006: Protected branch update failed.", "a protected branch"),
        ("no", "a hook of its own"),
    ],
)
def test_a_remote_that_rejects_is_quoted_and_nothing_is_half_done(
    gitexp: Gitexp, hub: Path, run: Run, refs: Callable[[], Refs], words: str, rule: str
) -> None:
    run("one")
    hook(hub, f"echo '{words}'", "exit 1")
    before = refs()

    code, out, err = gitexp("push")

    assert (code, out) == (ExitCode.ERROR, "")
    assert err.splitlines()[:3] == [
        f"error: 'origin' rejects the runs, probably by its rule of {rule}; it says:",
        f"  remote: {words}",
        "  pre-receive hook declined",
    ]
    assert "`remote_branch: NAME`" in err.splitlines()[3]
    assert refs() == before


def test_a_join_that_is_rejected_leaves_the_local_branch_as_it_was(
    gitexp: Gitexp, hub: Path, run: Run, clone: Clone, refs: Callable[[], Refs]
) -> None:
    other = clone("other")
    run("theirs", other)
    gitexp("-C", other, "push")
    run("mine")
    hook(hub, "echo 'linear history required'", "exit 1")
    before = refs()

    code, _, _ = gitexp("push")

    assert code == ExitCode.ERROR
    assert refs() == before


def test_remote_branch_is_the_way_out(
    gitexp: Gitexp, hub: Path, run: Run, work_tree: Path, clone: Clone, git: Git
) -> None:
    run("one")
    hook(hub, 'while read old new ref; do case "$ref" in */experiments) exit 1;; esac; done')
    rejected, _, _ = gitexp("push")
    with (work_tree / "gitexp.yaml").open("a") as config:
        config.write("remote_branch: team/runs\n")

    outcome = gitexp("push")
    other = clone("other")
    shutil.copy(work_tree / "gitexp.yaml", other)
    hinted = gitexp("-C", other, "ls")
    gitexp("-C", other, "pull")

    assert rejected == ExitCode.ERROR
    assert outcome == (ExitCode.OK, "pushed 1 run to origin/team/runs\n", "")
    assert git("rev-parse", "team/runs", cwd=hub) == git("rev-parse", "experiments")
    assert hinted[2] == "hint: 'origin/team/runs' has runs; `gitexp pull` gets them.\n"
    assert names(gitexp, "-C", other) == ["one"]


def test_a_remote_branch_that_holds_code_is_refused(
    gitexp: Gitexp, run: Run, refs: Callable[[], Refs], git: Git
) -> None:
    git("push", "--quiet", "origin", "main:experiments")
    run("one")
    before = refs()

    code, _, err = gitexp("push")

    assert code == ExitCode.ERROR
    assert "branch 'experiments' of 'origin' holds things other than runs" in err
    assert "`remote_branch: runs`" in err
    assert refs() == before


def test_notes_travel_with_the_runs_and_are_joined(
    gitexp: Gitexp, hub: Path, run: Run, clone: Clone, git: Git
) -> None:
    run("one")
    gitexp("push")
    other = clone("other")
    gitexp("-C", other, "pull")
    git("notes", "--ref=gitexp", "add", "-m", "mine", "experiments")
    git("notes", "--ref=gitexp", "add", "-m", "theirs", "experiments", cwd=other)

    gitexp("-C", other, "push")
    gitexp("push")
    gitexp("-C", other, "pull")

    shown = ("notes", "--ref=gitexp", "show", "experiments")
    assert git(*shown) == git(*shown, cwd=other) == "mine\ntheirs\n"
    assert git(*shown, cwd=hub) == "mine\ntheirs\n"


def test_a_run_that_waits_for_its_branch_is_pushed(
    gitexp: Gitexp, run: Run, hub: Path, git: Git
) -> None:
    run("one")
    tip = git("rev-parse", "experiments").strip()
    git("update-ref", "refs/gitexp/pending/x", tip)
    git("update-ref", "refs/heads/experiments", f"{tip}^")

    outcome = gitexp("push")

    assert outcome[1] == "pushed 1 run to origin/experiments\n"
    assert git("log", "-1", "--format=%s", "experiments", cwd=hub).startswith("one: ")


def test_push_out_of_a_linked_work_tree(
    gitexp: Gitexp, hub: Path, run: Run, tmp_path: Path, git: Git
) -> None:
    run("one")
    git("worktree", "add", "--quiet", "--detach", tmp_path / "linked")

    outcome = gitexp("-C", tmp_path / "linked", "push")

    assert outcome == (ExitCode.OK, "pushed 1 run to origin/experiments\n", "")
    assert (hub / "refs/heads/experiments").exists()


def test_progress_is_shown_on_a_terminal(hub: Path, run: Run, work_tree: Path) -> None:
    run("one")
    leader, follower = os.openpty()
    command = [sys.executable, "-m", "gitexp", "push"]

    process = subprocess.Popen(command, cwd=work_tree, stdout=subprocess.PIPE, stderr=follower)
    os.close(follower)
    out, _ = process.communicate()
    shown = Screen(leader).whole()
    os.close(leader)

    assert out == b"pushed 1 run to origin/experiments\n"
    assert "Writing objects: 100%" in shown
    assert shown.endswith("\r\x1b[K")
    assert (hub / "refs/heads/experiments").exists()


def test_where_the_local_branch_cannot_take_the_join_nothing_is_pushed(
    gitexp: Gitexp, run: Run, clone: Clone, refs: Callable[[], Refs], git: Git
) -> None:
    other = clone("other")
    run("theirs", other)
    gitexp("-C", other, "push")
    run("mine")
    git("switch", "--quiet", "experiments")
    before = refs()

    code, _, err = gitexp("push")

    assert code == ExitCode.ERROR
    assert "is checked out in" in err
    assert refs() == before


def test_runs_of_a_project_in_a_subfolder_are_pushed_with_their_data(
    gitexp: Gitexp, store: Path, work_tree: Path
) -> None:
    (work_tree / "app").mkdir()
    (work_tree / "app" / "gitexp.yaml").write_text("")
    (work_tree / "app" / "train_model.py").write_text(MODEL)
    gitexp("-C", "app", "run", "-n", "one", "--", "python", "train_model.py", "0.5")

    outcome = gitexp("-C", "app", "push")

    assert outcome[1] == "pushed 1 run to origin/experiments; sent 1 file of data\n"
    assert stored(store) == [b"0.5" * 100]


def test_a_branch_that_is_checked_out_at_the_remote_is_told_as_that(
    gitexp: Gitexp, hub: Path, run: Run, git: Git
) -> None:
    git("config", "core.bare", "false", cwd=hub)
    git("symbolic-ref", "HEAD", "refs/heads/experiments", cwd=hub)
    run("one")

    code, _, err = gitexp("push")

    assert code == ExitCode.ERROR
    assert err.startswith(
        "error: 'origin' rejects the runs, probably by its rule of not changing a "
    )
    assert err.endswith(
        "hint: Push to a bare repository, or check out another branch in that one.\n"
    )
