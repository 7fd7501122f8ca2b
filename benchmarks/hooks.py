"""What git's hooks cost where they have nothing to do, and what git's drivers cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Subject, alternate
from benchmarks.results import Result
from benchmarks.workshop import Workshop, commit_all, initialise_dvc, run

_BUDGET = 1 / 4
_IDLE = 1 / 30
_FILES = {
    "gitexp.yaml": "policy:\n  accuracy: {goal: max}\n",
    "params.yaml": "lr: 0.1\n",
    "metrics.json": '{"accuracy": 0.9}\n',
    "train.py": "print(1)\n",
    ".gitignore": "/data.csv\n",
}


def hooks(workshop: Workshop) -> Iterator[Result]:
    """Each hook in a repository with code, metrics and one pointer, where nothing changed."""
    dvc = workshop.peer("dvc")
    place = _repository(workshop, dvc)
    head = run("git", "rev-parse", "HEAD", cwd=place).decode().strip()
    run("git", "update-ref", "ORIG_HEAD", head, cwd=place)
    (place / ".git" / "message").write_text("a step\n")
    pushed = f"refs/heads/main {head} refs/heads/main {head}\n".encode()
    calls: list[tuple[str, tuple[str, ...], bytes, tuple[str, ...]]] = [
        ("pre-commit", (), b"", ("pre-commit",)),
        ("prepare-commit-msg", (".git/message",), b"", ("pre-commit",)),
        ("post-checkout", (head, head, "1"), b"", ("post-checkout", head, head, "1")),
        ("post-merge", ("0",), b"", ("post-checkout", head, head, "1")),
        (
            "post-rewrite",
            ("rebase",),
            f"{head} {head}\n".encode(),
            ("post-checkout", head, head, "1"),
        ),
        ("pre-push", ("origin", "hub"), pushed, ("pre-push", "origin", "hub")),
    ]
    for name, args, said, theirs in calls:
        shim = str(place / ".git" / "hooks" / name)
        ours, peer = alternate(
            workshop.rounds,
            Subject(lambda s=shim, a=args, i=said: run(s, *a, cwd=place, stdin=i)),  # type: ignore[misc]
            Subject(lambda t=theirs: run(dvc, "git-hook", *t, cwd=place)),  # type: ignore[misc]
        )
        what = f"hook `{name}`, nothing to do"
        yield Result(f"hook-{name}", what, f"`dvc git-hook {theirs[0]}`", ours, peer, _IDLE)


def drivers(workshop: Workshop) -> Iterator[Result]:
    """The merge of a pointer of which one side changed."""
    dvc = workshop.peer("dvc")
    place = workshop.repository("drivers", {"README.md": "# Drivers\n"})
    initialise_dvc(place, dvc)
    run(workshop.gitexp, "hooks", "install", "drivers", cwd=place)
    (place / "data").mkdir()
    for side in ("base", "theirs"):
        (place / "data" / side).write_text(side)
        run(dvc, "add", "--quiet", "data", cwd=place)
        (place / side).write_bytes((place / "data.dvc").read_bytes())
    command = run("git", "config", "merge.gitexp.driver", cwd=place).decode().strip()
    for mark, word in zip(("%O", "%A", "%B", "%L", "%P"), _SIDES, strict=True):
        command = command.replace(mark, word)
    named = ("--ancestor", "base", "--our", "ours", "--their", "theirs")

    def new() -> None:
        (place / "ours").write_bytes((place / "base").read_bytes())

    ours, peer = alternate(
        workshop.rounds,
        Subject(lambda: run("sh", "-c", command, cwd=place), new),
        Subject(lambda: run(dvc, "git-hook", "merge-driver", *named, cwd=place), new),
    )
    words = "the merge driver, on a `.dvc` file that one side changed"
    yield Result("merge-driver", words, "`dvc git-hook merge-driver`", ours, peer, _BUDGET)


_SIDES = ("base", "ours", "theirs", "7", "data.dvc")


def _repository(workshop: Workshop, dvc: str) -> Path:
    place = workshop.repository("hooks", _FILES)
    initialise_dvc(place, dvc)
    run(dvc, "remote", "add", "--default", "store", str(workshop.folder / "store"), cwd=place)
    (place / "data.csv").write_text("1,2\n" * 1000)
    run(workshop.gitexp, "track", "data.csv", cwd=place)
    run(workshop.gitexp, "hooks", "install", cwd=place)
    run("git", "config", "core.hooksPath", "/dev/null", cwd=place)  # not while this is set up
    commit_all(place)
    run("git", "config", "--unset", "core.hooksPath", cwd=place)
    run(dvc, "push", "--quiet", cwd=place)
    return place
