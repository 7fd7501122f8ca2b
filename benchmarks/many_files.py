"""What a run costs in a repository of 100,000 files, of which few or none have changed."""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Samples, Subject, alternate
from benchmarks.results import Result
from benchmarks.workshop import Workshop, run

FILES = 100_000
_FEW = 1_000
_SIZE = 1_470
"""Bytes of a file: 147 MB together."""
_IN_A_FOLDER = 100
_MEASURE = """\
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdin=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
_OF_BEFORE = 1 / 6
_OF_ITS_MEMORY = 1 / 3
_OF_GIT = 3.0
_OF_FEW = 4.0


def large(workshop: Workshop) -> Iterator[Result]:
    """Against the same of an earlier build, against git alone, and against a small repository."""
    before = workshop.peer("before")
    ours, theirs = _repository(workshop, "files-ours", FILES), _copied(workshop, "files-theirs")
    yield from _clean(workshop, before, ours, theirs)
    yield _in_a_copy(workshop, before, ours, theirs)
    yield _edited(workshop, before, ours, theirs)


def growing(workshop: Workshop) -> Iterator[Result]:
    """A hundred times as many files."""
    few = _repository(workshop, "files-few", _FEW)
    many = workshop.folder / "files-ours"
    many = many if many.exists() else _repository(workshop, "files-ours", FILES)
    small, large = alternate(
        workshop.rounds,
        Subject(lambda: run(workshop.gitexp, "run", "--", "true", cwd=few)),
        Subject(lambda: run(workshop.gitexp, "run", "--", "true", cwd=many)),
    )
    what = f"`gitexp run -- true`, {FILES:,} tracked files"
    yield Result("files-growth", what, f"the same with {_FEW:,}", large, small, _OF_FEW)


def _clean(workshop: Workshop, before: str, ours: Path, theirs: Path) -> Iterator[Result]:
    """Nothing has changed since the last run."""
    alone, mine, earlier, git = alternate(
        workshop.rounds,
        Subject(lambda: run("true", cwd=ours)),
        Subject(lambda: run(workshop.gitexp, "run", "--", "true", cwd=ours)),
        Subject(lambda: run(before, "run", "--", "true", cwd=theirs)),
        Subject(lambda: _git_alone(ours)),
    )
    what = f"`gitexp run -- true` over `true` alone, {FILES:,} tracked files"
    against = "the same of the earlier build"
    yield Result("files", what, against, mine.over(alone), earlier.over(alone), _OF_BEFORE)
    against = "`git status`, and `git add -u` and `git write-tree` in a copied index"
    yield Result("files-git", what, against, mine.over(alone), git, _OF_GIT)
    rounds = range(workshop.rounds.count)
    builds = ((workshop.gitexp, ours), (before, theirs))
    peaks = [Samples(tuple(_peak(*one) for _ in rounds)) for one in builds]
    what = f"peak memory of `gitexp run -- true`, {FILES:,} tracked files"
    against = "that of the earlier build"
    yield Result("files-memory", what, against, peaks[0], peaks[1], _OF_ITS_MEMORY, unit="MB")


def _edited(workshop: Workshop, before: str, ours: Path, theirs: Path) -> Result:
    """One file is edited before each run."""
    numbers = iter(range(1_000_000))

    def edit(place: Path) -> None:
        (place / "README.md").write_text(f"# Edited {next(numbers)} times\n")

    alone, mine, earlier = alternate(
        workshop.rounds,
        Subject(lambda: run("true", cwd=ours)),
        Subject(lambda: run(workshop.gitexp, "run", "--", "true", cwd=ours), lambda: edit(ours)),
        Subject(lambda: run(before, "run", "--", "true", cwd=theirs), lambda: edit(theirs)),
    )
    return Result(
        "files-edited",
        f"`gitexp run -- true` over `true` alone, {FILES:,} tracked files, one of them edited",
        "the same of the earlier build",
        mine.over(alone),
        earlier.over(alone),
        _OF_BEFORE,
    )


def _in_a_copy(workshop: Workshop, before: str, ours: Path, theirs: Path) -> Result:
    """The copies of the work tree are there already."""
    mine, earlier = alternate(
        workshop.rounds,
        Subject(lambda: run(workshop.gitexp, "run", "--temp", "--", "true", cwd=ours)),
        Subject(lambda: run(before, "run", "--temp", "--", "true", cwd=theirs)),
    )
    return Result(
        "files-temp",
        f"`gitexp run --temp -- true`, {FILES:,} tracked files, in a copy that is there",
        "the same of the earlier build",
        mine,
        earlier,
        _OF_BEFORE,
    )


def _peak(gitexp: str, place: Path) -> float:
    """Run a command that does nothing; return the most memory that a process took, in MB.

    A small process starts it: what one takes begins with what its parent had.
    """
    told = run(sys.executable, "-c", _MEASURE, gitexp, "run", "--", "true", cwd=place)
    return int(told.split()[-1]) / 1024


def _git_alone(place: Path) -> None:
    """Do what git does for it at the least."""
    index = place / ".git" / "copied.index"
    shutil.copy2(place / ".git" / "index", index)
    named = (f"GIT_INDEX_FILE={index}", "git")
    run("git", "status", cwd=place)
    run("env", *named, "add", "-u", cwd=place)
    run("env", *named, "write-tree", cwd=place)


def _repository(workshop: Workshop, name: str, count: int) -> Path:
    """Make a repository with many files, all committed."""
    place = workshop.folder / name
    run("git", "init", "--quiet", str(place), cwd=workshop.folder)
    run("git", "fast-import", "--quiet", cwd=place, stdin=b"".join(_stream(count)))
    run("git", "checkout", "--quiet", "--force", "main", cwd=place)
    run("git", "status", cwd=place)
    return place


def _copied(workshop: Workshop, name: str) -> Path:
    """Clone the repository that was made before."""
    source, place = workshop.folder / "files-ours", workshop.folder / name
    run("git", "clone", "--quiet", "--no-hardlinks", str(source), str(place), cwd=workshop.folder)
    run("git", "status", cwd=place)
    return place


def _stream(count: int) -> Iterator[bytes]:
    """Yield a commit of many files for `git fast-import`."""
    chosen = random.Random(7)  # the same files each time
    lines = [f"x{number} = {chosen.randrange(10**12)}\n" for number in range(4_000)]
    yield b"commit refs/heads/main\ncommitter Ada <ada@example.com> 1700000000 +0000\ndata 5\nfiles"
    for number in range(count):
        start, folder = chosen.randrange(3_900), number // _IN_A_FOLDER
        text = f"# {number}\n{''.join(lines[start : start + 100])}"[:_SIZE]
        yield (
            f"\nM 100644 inline src/part{folder % 32:02}/m{folder:04}/f{number:06}.py\n"
            f"data {len(text)}\n{text}"
        ).encode()
    yield b"\nM 100644 inline README.md\ndata 7\n# Many\n\n"
