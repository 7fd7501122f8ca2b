"""The commits between a good one and a bad one, and which of them can have moved a metric."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from gitexp.data.pointers import Pointer, parse_dvc_file
from gitexp.errors import GitexpError
from gitexp.git.diffs import literal_specs
from gitexp.git.repository import Repository
from gitexp.project import Project
from gitexp.revisions.deciding import may_decide
from gitexp.revisions.roles import Declared

_GITLINK = "160000"


class Suspects(Struct, frozen=True):
    """The commits, each after those that it follows on; the last one is the bad end."""

    good: str
    commits: Sequence[str]
    reach: Sequence[int]
    """For each commit the set of itself and all those before it."""
    able: int
    """The set of those that change what decides a result."""

    @property
    def bad(self) -> str:
        """The bad end."""
        return self.commits[-1]


def suspects_between(
    project: Project, good: str, bad: str, *, first_parent: bool = False
) -> Suspects:
    """Return the commits that may have done it; raises GitexpError if there are none."""
    repository = project.repository
    _check_ends(repository, good, bad)
    options = ("--first-parent",) if first_parent else ()
    asked = ("--topo-order", "--reverse", "--parents", *options, f"{good}..{bad}")
    listed = repository.line("rev-list", *asked, "--").splitlines()
    parents = {oid: above for oid, *above in map(str.split, listed)}
    if first_parent:
        parents = {oid: above[:1] for oid, above in parents.items()}
    able = able_among(project, parents)
    if not able:
        raise GitexpError(
            "no commit in between changes what decides a result",
            "If two runs of the same inputs differ, that is noise: repeat them.",
        )
    return Suspects(good, tuple(parents), _reach(parents), able)


def _check_ends(repository: Repository, good: str, bad: str) -> None:
    if good == bad:
        raise GitexpError(
            "the good and the bad end are the same commit",
            "Where two runs of one commit differ, `--params` finds the param that did it.",
        )
    before = ("merge-base", "--is-ancestor")
    if repository.attempt(*before, good, bad).returncode == 0:
        return
    if repository.attempt(*before, bad, good).returncode == 0:
        raise GitexpError(
            f"the good commit {good[:10]} comes after the bad one {bad[:10]}",
            "To find what mended a metric, call the old state good, and the new one bad.",
        )
    raise GitexpError(
        f"the good commit {good[:10]} is no ancestor of the bad one {bad[:10]}",
        f"Try `$(git merge-base {good[:10]} {bad[:10]})` as the good one.",
    )


def _reach(parents: Mapping[str, Sequence[str]]) -> list[int]:
    places = {oid: at for at, oid in enumerate(parents)}
    reach: list[int] = []
    for at, above in enumerate(parents.values()):
        found = 1 << at
        for oid in above:
            found |= reach[places[oid]] if oid in places else 0
        reach.append(found)
    return reach


def able_among(project: Project, parents: Mapping[str, Sequence[str]]) -> int:
    """Return the set of the commits that decide something otherwise than each of their parents."""
    declared = Declared(project, project.pipeline)
    times = dict.fromkeys(parents, 0)
    for oid, changed in _changes(project, list(parents)):
        times[oid] += any(_decides(project, declared, *one) for one in changed)
    return sum(
        1 << at for at, (oid, above) in enumerate(parents.items()) if times[oid] >= len(above)
    )


_Changed = tuple[str, str, str]
"""A path, its new mode and its new oid."""


def _changes(project: Project, oids: Sequence[str]) -> Iterator[tuple[str, list[_Changed]]]:
    """Yield what commits changed: once for each parent that they differ from."""
    asked = "".join(f"{oid}\n" for oid in oids).encode()
    options = ("--stdin", "-m", "-r", "-z", "--raw", "--no-renames", "--no-abbrev")
    below = literal_specs(project.recorded_folders())
    fields = project.repository.git("diff-tree", *options, "--", *below, stdin=asked).split(b"\0")
    oid, changed = "", list[_Changed]()
    rest = iter(fields[:-1])
    for field in rest:
        if field.startswith(b":"):
            _, mode, _, new, _ = field.decode().split(" ")
            changed.append((os.fsdecode(next(rest)), mode, new))
            continue
        if oid:
            yield oid, changed
        oid, changed = field.decode(), []
    if oid:
        yield oid, changed


def _decides(project: Project, declared: Declared, path: str, mode: str, oid: str) -> bool:
    pointers: tuple[Pointer, ...] = ()
    if path.endswith(".dvc") and mode != _GITLINK:
        content = project.repository.objects.blob(oid) if oid.strip("0") else None
        with contextlib.suppress(GitexpError):
            pointers = parse_dvc_file(content, path) if content is not None else ()
    return may_decide(path, declared, pointers)
