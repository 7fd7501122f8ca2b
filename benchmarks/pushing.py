"""What it takes to send one run to a remote that has a hundred thousand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.many_runs import write_runs
from benchmarks.measure import Subject, alternate
from benchmarks.results import Result
from benchmarks.training import CONFIG
from benchmarks.workshop import Workshop, run

_RUNS = 100_000


def one(workshop: Workshop) -> Iterator[Result]:
    """`gitexp push` of a run against `git push` of a commit, in the same repository."""
    place = workshop.repository("push", {"gitexp.yaml": CONFIG})
    write_runs(place, _RUNS)
    run("git", "gc", "--quiet", cwd=place)
    hub = workshop.folder / "push.git"
    run("git", "clone", "--quiet", "--bare", str(place), str(hub), cwd=workshop.folder)
    run("git", "remote", "add", "origin", str(hub), cwd=place)
    run("git", "fetch", "--quiet", "origin", cwd=place)
    yield measured(workshop, place)


def measured(workshop: Workshop, place: Path) -> Result:
    """Measure it in a repository that has the runs, and a remote that has them as well."""
    gitexp = workshop.gitexp
    run(gitexp, "ls", "-N", "1", cwd=place)
    commit = ("git", "commit", "--quiet", "--allow-empty", "-m", "a step")
    mine, peer, start = alternate(
        workshop.rounds,
        Subject(
            lambda: run(gitexp, "push", cwd=place),
            lambda: run(gitexp, "run", "--", "true", cwd=place),
        ),
        Subject(
            lambda: run("git", "push", "--quiet", "origin", "HEAD", cwd=place),
            lambda: run(*commit, cwd=place),
        ),
        Subject(lambda: run(gitexp, "--version", cwd=place)),
    )
    what = f"`gitexp push` of one run, {_RUNS:,} on the branch"
    note = f"`gitexp --version` takes {1000 * start.median:.0f} ms"
    return Result("push", what, "`git push` of one commit", mine, peer, 2.0, (note,))
