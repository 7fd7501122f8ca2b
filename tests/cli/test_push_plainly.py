"""The plain push, which is done before anything is imported, against what it stands for."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from gitexp.errors import ExitCode
from gitexp.git.commits import write_commit
from gitexp.git.repository import Repository
from gitexp.hooks.shim import shim_text
from gitexp.sharing.plain_push import _share_in, push_plainly
from gitexp.store.own import NOTES, OwnFolder
from gitexp.version import __version__

from tests.cli.workshop import Run
from tests.workshop import Git, Gitexp

FORM = "--format=%(refname) %(objectname)"
OURS = "refs/heads/experiments"
THEIRS = "refs/remotes/origin/experiments"
HOOK = ".git/hooks/pre-push"


def plainly(*args: str) -> int | None:
    return push_plainly(list(args), __version__)


@pytest.fixture
def pushed(gitexp: Gitexp, run: Run, hub: Path, git: Git) -> Callable[[str], None]:
    """Record a run that is pushed and one that is not; take a push back with what it returns."""
    run("one")
    gitexp("push")
    run("two")
    last = git("rev-parse", THEIRS).strip()

    def take_back(ref: str = OURS) -> None:
        git("update-ref", ref, last, cwd=hub)
        git("update-ref", THEIRS, last)

    return take_back


def test_a_plain_push_does_what_the_other_does(
    pushed: Callable[[], None],
    run: Run,
    gitexp: Gitexp,
    hub: Path,
    git: Git,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Also below late facts that the remote has already."""
    gitexp("tag", "two", "good")
    gitexp("push")
    pushed()
    run("three")

    def everything() -> tuple[str, str]:
        return git("for-each-ref", FORM), git("for-each-ref", FORM, cwd=hub)

    code, said, _ = gitexp("push")
    after = everything()
    pushed()
    assert everything() != after
    capfd.readouterr()

    assert plainly() == code
    sys.stdout.flush()
    assert capfd.readouterr() == (said, "")
    assert everything() == after
    assert plainly() is None, "there is nothing to push, which is for the other to say"


@contextlib.contextmanager
def file(path: Path, content: str = "") -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.exists() else None
    path.write_text(content)
    yield
    if before is None:
        path.unlink()
    else:
        path.write_bytes(before)


@contextlib.contextmanager
def ref(git: Git, name: str, oid: str, cwd: Path) -> Iterator[None]:
    before = git("for-each-ref", "--format=%(objectname)", name, cwd=cwd).strip()
    git("update-ref", name, oid, cwd=cwd)
    yield
    git("update-ref", *([name, before] if before else ["-d", name]), cwd=cwd)


@contextlib.contextmanager
def setting(git: Git, name: str, value: str) -> Iterator[None]:
    git("config", "--add", name, value)
    yield
    git("config", "--fixed-value", "--unset", name, value)


@contextlib.contextmanager
def variable(name: str, value: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(name, value)
        yield


@contextlib.contextmanager
def packed(git: Git, name: str, oid: str) -> Iterator[None]:
    git("update-ref", name, oid)
    git("pack-refs", "--all")
    yield
    git("update-ref", "-d", name)


@contextlib.contextmanager
def link(path: Path, to: Path) -> Iterator[None]:
    aside = path.rename(path.with_name("aside")) if path.exists() else None
    path.symlink_to(to)
    yield
    path.unlink()
    if aside is not None:
        aside.rename(path)


@contextlib.contextmanager
def folder(path: Path) -> Iterator[None]:
    path.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path)
        yield
    path.rmdir()


Obstacles = dict[str, contextlib.AbstractContextManager[object]]


def of_files(work_tree: Path, own: OwnFolder) -> Obstacles:
    return {
        "other settings": file(work_tree / "gitexp.yaml", "branch: runs\n"),
        "no memo": file(own.plain_push, "0.0\n"),
        "a memo of other settings": file(own.plain_push, f"{__version__}\nruns\nruns\nnone"),
        "a run under way": file(own.journal / "a1"),
        "a run that was cut off": file(own.runs / "a1"),
        "a run that waits": file(own.waiting / "a1"),
        "data left": file(own.data_left, "a1\n"),
        "tags left": file(own.tags_left, "digits@v0.0.1\n"),
        "a purge": file(own.purged, "{}"),
        "a push that failed": file(own.push_state, "{}"),
        "a shallow clone": file(work_tree / ".git" / "shallow", f"{'1' * 40}\n"),
        "a variable of git's": variable("GIT_DIR", str(work_tree / ".git")),
        "a run around this": variable("GITEXP_RUN_ID", "a1"),
        "below the top": folder(work_tree / "sub"),
        "a hook of the user's": file(work_tree / HOOK, "#!/bin/sh\n"),
        "a hook before ours": file(work_tree / HOOK, shim_text("pre-push", "python", earlier="x")),
    }


def of_settings(git: Git, work_tree: Path) -> Obstacles:
    return {
        "a partial clone": setting(git, "remote.origin.promisor", "true"),
        "another place to push": setting(git, "remote.origin.pushurl", str(work_tree)),
        "several places to push": setting(git, "remote.origin.url", str(work_tree)),
        "another work tree": setting(git, "core.worktree", str(work_tree)),
        "hooks elsewhere": setting(git, "core.hooksPath", "hooks"),
        "a remote that is only pushed to": both(
            setting(git, "branch.experiments.remote", "team"),
            setting(git, "remote.team.pushurl", str(work_tree)),
        ),
        "no refs of the remote": setting(git, "remote.origin.fetch", "+refs/x/*:refs/y/*"),
        "a folder of DVC's elsewhere": link(work_tree / ".dvc", work_tree),
    }


def of_history(git: Git, work_tree: Path, hub: Path) -> Obstacles:
    with Repository.open(work_tree) as repository:
        tree = git("rev-parse", f"{OURS}^{{tree}}").strip()
        tip, last = git("rev-parse", OURS).strip(), git("rev-parse", THEIRS).strip()

        def commit(message: str, *parents: str) -> str:
            return write_commit(repository, tree=tree, parents=parents, message=message)[0]

        by_hand = commit("by hand\n", tip)
        no_run = commit("x: done\n\nGitexp-Run: other\n", tip)  # with the record of another
        join = commit("Runs of two clones come together here\n", tip, last)
        beside = commit("x: done\n\nGitexp-Run: other\n", last)
        purge = repository.line("hash-object", "-w", "--stdin", stdin=b"{}\n")
        root = git("rev-list", "--max-parents=0", OURS).strip()
        noted = repository.line("mktree", stdin=f"100644 blob {purge}\t{root}\n".encode())
        notes = write_commit(repository, tree=noted, parents=[], message="n")[0]
        git("push", "--quiet", str(hub), f"{beside}:refs/keep/beside", f"{notes}:refs/keep/notes")
    places = (NOTES, work_tree), ("refs/gitexp/remotes/origin/notes", work_tree), (NOTES, hub)
    main = git("rev-parse", "main").strip()
    return {
        "a pending ref": ref(git, "refs/gitexp/pending/a1", tip, work_tree),
        "a packed one": packed(git, "refs/gitexp/pending/a2", tip),
        "a commit by hand": ref(git, OURS, by_hand, work_tree),
        "no run": ref(git, OURS, no_run, work_tree),
        "a join": ref(git, OURS, join, work_tree),
        "others pushed": ref(git, OURS, beside, hub),
        "what was there is no run": ref(git, THEIRS, main, work_tree),
        "notes here": ref(git, NOTES, notes, work_tree),
        "notes there": ref(git, NOTES, notes, hub),
        "a purge on both sides": everywhere(git, notes, places),
    }


def everywhere(
    git: Git, oid: str, places: Iterable[tuple[str, Path]]
) -> contextlib.AbstractContextManager[None]:
    return both(*(ref(git, name, oid, place) for name, place in places))


@contextlib.contextmanager
def both(*reasons: contextlib.AbstractContextManager[object]) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for one in reasons:
            stack.enter_context(one)
        yield


@pytest.mark.usefixtures("pushed")
def test_what_is_printed_at_length_is_no_hindrance(work_tree: Path, git: Git, hub: Path) -> None:
    """Here by our own hook, which is beside nobody's: the most that a pipe holds, and more."""
    hook = work_tree / HOOK
    hook.parent.mkdir(exist_ok=True)
    talk = "head -c 300000 /dev/zero\nhead -c 300000 /dev/zero >&2\n"
    hook.write_text(shim_text("pre-push", "python").replace("\nstatus=0\n", f"\n{talk}status=0\n"))
    hook.chmod(0o755)

    assert plainly() == 0
    assert git("rev-parse", OURS, cwd=hub) == git("rev-parse", OURS)


@pytest.mark.usefixtures("pushed")
def test_a_remote_that_may_want_a_password_is_asked_only_for_a_plain_push(
    work_tree: Path, git: Git, tmp_path: Path
) -> None:
    """Ssh does not end with the git that has started it, and would ask beside the next one."""
    asked = tmp_path / "asked"
    git("config", "remote.origin.url", "ssh://there/hub.git")
    git("config", "core.sshCommand", f"touch {shlex.quote(str(asked))}; false")
    with ref(git, OURS, git("rev-parse", "main").strip(), work_tree):
        assert plainly() is None
    assert not asked.exists()

    assert plainly() is None
    assert asked.exists()


def test_of_what_git_says_only_its_progress_is_shown() -> None:
    """A remote may say anything, to a terminal as well."""
    last = b"Writing objects:  50% (1/2)\rWriting objects: 100% (2/2)\r"
    hostile = b"remote: \x1b]0;100% (2/2)\x07\nremote: \xc2\x9b 9% (1/9)\n"

    assert _share_in(last) == _share_in(last + hostile) == "Writing objects: 100% (2/2)"
    assert _share_in(b"remote: Resolving deltas:  33% (1/3)  \r") is not None
    assert _share_in(hostile) is _share_in(b"Total 5 (delta 3)\n") is None


@pytest.mark.usefixtures("pushed")
def test_runs_are_pushed_where_nobody_can_be_told(work_tree: Path, git: Git, hub: Path) -> None:
    """Stdout is closed, or full: then the other says so."""
    command = f"{shlex.quote(sys.executable)} -m gitexp push"
    closed = subprocess.run(f"{command} >&- 2>err", shell=True, cwd=work_tree, check=False)
    assert (closed.returncode, (work_tree / "err").read_text()) == (0, "")
    assert git("rev-parse", OURS, cwd=hub) == git("rev-parse", OURS)

    git("update-ref", OURS, f"{OURS}~1", cwd=hub)
    git("update-ref", THEIRS, f"{OURS}~1")
    alone = f"{shlex.quote(sys.executable)} -m gitexp -C . push <&- >&- 2>&-"
    assert subprocess.run(alone, shell=True, cwd=work_tree, check=False).returncode == 0

    git("update-ref", OURS, f"{OURS}~1", cwd=hub)
    git("update-ref", THEIRS, f"{OURS}~1")
    full = subprocess.run(f"{command} >/dev/full 2>err", shell=True, cwd=work_tree, check=False)
    assert full.returncode == ExitCode.ERROR
    assert "Traceback" not in (work_tree / "err").read_text()
    assert git("rev-parse", OURS, cwd=hub) == git("rev-parse", OURS)


@pytest.mark.usefixtures("pushed")
def test_what_is_out_of_the_ordinary_is_left_to_the_other(
    work_tree: Path, hub: Path, git: Git
) -> None:
    """Nothing is sent; once it is out of the way, the same push imports neither of these."""
    hook = hub / "hooks" / "pre-receive"
    reasons = {
        **of_files(work_tree, OwnFolder(work_tree / ".git")),
        **of_settings(git, work_tree),
        **of_history(git, work_tree, hub),
        "the remote refuses": file(hook, "#!/bin/sh\nexit 1\n"),
    }
    hook.parent.mkdir(exist_ok=True)
    os.close(os.open(hook, os.O_CREAT, 0o755))
    for why, reason in reasons.items():
        with reason:
            before = git("for-each-ref", FORM, cwd=hub)
            assert plainly() is None, why
            assert git("for-each-ref", FORM, cwd=hub) == before, why
    hook.unlink()
    assert plainly("--no-data") is None
    assert plainly("elsewhere") is None
    code = (
        "import os, sys\n"
        "sys.argv = ['gitexp', 'push', 'origin']\n"
        "from gitexp.__main__ import entry\n"
        "os._exit = lambda code: print(code, 'click' in sys.modules, 'msgspec' in sys.modules)\n"
        "entry()\n"
    )
    argv = [sys.executable, "-c", code]
    told = subprocess.run(argv, cwd=work_tree, capture_output=True, text=True, check=False)
    assert told.stdout.splitlines()[:2] == ["pushed 1 run to origin/experiments", "0 False False"]
    assert git("rev-parse", OURS, cwd=hub) == git("rev-parse", OURS)
