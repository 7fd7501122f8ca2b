"""What it takes to list models: a thousand versions beside `gto show`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.many_runs import write_runs
from benchmarks.measure import Rounds, Subject, alternate
from benchmarks.results import Result
from benchmarks.training import CONFIG
from benchmarks.workshop import Workshop, run
from gitexp.git.refs import ABSENT, Move, move
from gitexp.git.repository import Repository
from gitexp.project import Project

_VERSIONS = 1000
_SLOW = 2
"""Rounds: GTO takes most of a minute for one."""
_STAGES = ("dev", "prod")


def thousand(workshop: Workshop) -> Iterator[Result]:
    """`models` of a thousand versions, some of which held a stage, against `gto show`."""
    gitexp = workshop.gitexp
    gto = str(Path(workshop.peer("dvc")).with_name("gto"))
    place = _project(workshop)
    mine, peer = alternate(
        Rounds(min(_SLOW, workshop.rounds.count), workshop.rounds.patience),
        Subject(lambda: run(gitexp, "models", cwd=place)),
        Subject(lambda: run(gto, "show", cwd=place)),
    )
    said = f"`gitexp models`, {_VERSIONS:,} versions"
    yield Result("models", said, "`gto show`", mine, peer, 1 / 4)


def _project(workshop: Workshop) -> Path:
    """Make a project with a run for each version, and annotated tags as `git tag` packs them."""
    place = workshop.repository("models", {"gitexp.yaml": CONFIG})
    write_runs(place, _VERSIONS)
    with Project.open(place) as project:
        runs = project.runs.newest()
        tags = list(_tags([run.oid for run in reversed(runs)]))
    with Repository.open(place) as repository:
        moves = [
            Move(f"refs/tags/{name}", _tag(repository, name, oid, at), ABSENT)
            for at, (name, oid) in enumerate(tags)
        ]
        move(repository, moves, reason="benchmark")
        repository.git("pack-refs", "--all")
    run(workshop.gitexp, "models", cwd=place)
    return place


def _tags(oids: list[str]) -> Iterator[tuple[str, str]]:
    for at, oid in enumerate(oids):
        yield f"digits@v0.{at // 50}.{at % 50}", oid
        if at % 10 == 0:
            yield f"digits#{_STAGES[at // 10 % 2]}#{at // 10 + 1}", oid


def _tag(repository: Repository, name: str, oid: str, at: int) -> str:
    """Return a tag object as `gitexp promote` has git write it."""
    content = (
        f"object {oid}\ntype commit\ntag {name}\ntagger Ada <ada@example.com> {1_700_000_000 + at}"
        f" +0000\n\n{name}\n\nGitexp-Run: 0123456789\nGitexp-Model: model.joblib\n"
    )
    return repository.line("mktag", stdin=content.encode())
