"""Revisions as sides of a comparison: a run by its record, any other by its files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable

from msgspec import Struct
from msgspec.structs import replace

from gitexp.comparison.changes import Side
from gitexp.errors import GitexpError
from gitexp.git.diffs import literal_specs, merge_base
from gitexp.model.machine import machine_parts
from gitexp.model.packages import package_texts
from gitexp.model.paths import ProjectPath
from gitexp.model.record import RunRecord
from gitexp.project import Project
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import WORKSPACE, commit_revision, workspace_revision
from gitexp.settings.config import Config
from gitexp.store.selectors import find_run, unknown
from gitexp.store.stored_run import StoredRun


class RevisionSide(Struct, frozen=True):
    """The side that a revision is, and where its code is."""

    side: Side
    oid: str | None
    """The commit; None for the work tree."""
    run: StoredRun | None = None

    @property
    def baseline(self) -> str | None:
        """The commit of the code's own history: a run's baseline, else the commit itself."""
        return self.run.record.baseline if self.run is not None else self.oid


def read_side(project: Project, text: str) -> RevisionSide:
    """Return what a selector names; raises UnknownRun for what names nothing."""
    if text == WORKSPACE:
        return RevisionSide(workspace_side(project), None)
    run = find_run(project.runs, text)
    if run is not None:
        return RevisionSide(run_side(project, run), run.oid, run)
    oid = project.repository.objects.commit(text) if text and not text.startswith("-") else None
    if oid is None:
        raise unknown(project.runs, text, "run or rev")
    return RevisionSide(commit_side(project, oid, text), oid)


def read_pair(project: Project, revs: tuple[str, ...]) -> tuple[RevisionSide, RevisionSide]:
    """Return the two sides that `A B`, `A..B`, `A...B`, `A` or nothing at all name."""
    assert not revs[2:]  # more are for read_several
    old, new = _told_apart(_without_others(project, _pair(project, revs)))
    return old, new


def _without_others(project: Project, sides: Collection[RevisionSide]) -> list[RevisionSide]:
    """Leave out of the work tree the data of other runs than those that it is compared with.

    It lies beside theirs where each run has a folder of its own.
    """
    known = {path for one in sides if one.oid is not None for path in one.side.pointers}
    if not any(one.run is not None for one in sides):
        return list(sides)
    return [
        one if one.oid is not None else replace(one, side=_only(project, one.side, known))
        for one in sides
    ]


def _only(project: Project, side: Side, known: Collection[str]) -> Side:
    files = {f"{path}.dvc": path for path in side.pointers if path not in known}
    written = project.runs.index.outputs(project.folder, files)
    if not written:
        return side
    paths = [project.path(ProjectPath(name)) for name in written]
    listed = project.repository.git("ls-files", "-z", "--", *literal_specs(paths))
    tracked = {os.fsdecode(path) for path in listed.split(b"\0")}
    others = {files[name] for name in written if project.path(ProjectPath(name)) not in tracked}
    kept = {path: one for path, one in side.pointers.items() if path not in others}
    return replace(side, pointers=kept)


def _pair(project: Project, revs: tuple[str, ...]) -> tuple[RevisionSide, RevisionSide]:
    if len(revs) == 1 and ".." in revs[0]:
        old, dots, new = _split(revs[0])
        sides = read_side(project, old or "HEAD"), read_side(project, new or "HEAD")
        return (_fork(project, *sides), sides[1]) if dots == "..." else sides
    old, new = (*revs, *("HEAD", WORKSPACE)[len(revs) :]) if revs else ("HEAD", WORKSPACE)
    return read_side(project, old), read_side(project, new)


def read_several(
    project: Project, revs: Iterable[str], runs: Iterable[StoredRun] = ()
) -> tuple[RevisionSide, ...]:
    """Return what selectors name, then runs, each only once; their labels all differ."""
    named = list(revs)
    ranges = [text for text in named if ".." in text]
    if ranges:
        raise GitexpError(f"'{ranges[0]}' among several revs", hint="Give its two ends by name.")
    found = [
        *(read_side(project, text) for text in named),
        *(RevisionSide(run_side(project, run), run.oid, run) for run in runs),
    ]
    by_oid: dict[str | None, RevisionSide] = {}
    for one in found:
        by_oid.setdefault(one.oid, one)
    return tuple(_told_apart(_without_others(project, by_oid.values())))


def _told_apart(found: Collection[RevisionSide]) -> list[RevisionSide]:
    """Add ids to the labels that different sides share."""
    oids = {(one.side.label, one.oid) for one in found}
    times = Counter(label for label, _ in oids)
    return [_labelled(one) if times[one.side.label] > 1 else one for one in found]


def _labelled(one: RevisionSide) -> RevisionSide:
    """Add the id to a name that several runs share."""
    known = one.run.id if one.run is not None else one.oid
    return replace(one, side=replace(one.side, label=f"{one.side.label} ({known})"))


def _split(text: str) -> tuple[str, str, str]:
    dots = "..." if "..." in text else ".."
    old, _, new = text.partition(dots)
    return old, dots, new


def _fork(project: Project, old: RevisionSide, new: RevisionSide) -> RevisionSide:
    """Return the merge base, a run's being its baseline's: runs have a history of their own."""
    ends = [
        one.baseline or project.repository.objects.commit("HEAD") or "HEAD" for one in (old, new)
    ]
    base = merge_base(project.repository, ends[0], ends[1])
    if base is None:
        raise GitexpError(f"'{old.side.label}' and '{new.side.label}' have no common ancestor")
    return RevisionSide(commit_side(project, base, f"merge base {base[:10]}"), base)


def commit_side(project: Project, oid: str, label: str, config: Config | None = None) -> Side:
    """Return the side of an ordinary commit; raises what cannot be read, with the label.

    It is read by the settings that it holds itself, or by others.
    """
    return Reading(project, commit_revision(project, oid, label), config, strict=True).side


def workspace_side(project: Project) -> Side:
    """Return the side of the work tree; raises likewise."""
    return Reading(project, workspace_revision(project), project.config, strict=True).side


def run_side(project: Project, run: StoredRun) -> Side:
    """Return the side of a run, from its record."""
    record = run.record
    return Side(
        label=record.name,
        params=record.params,
        metrics=record.metrics,
        pointers={pointer.path: pointer for pointer in record.pointers},
        environment=environment_of(project, run.oid, record),
        outputs=record.outputs,
        machine=machine_parts(record),
        hypothesis=record.hypothesis,
        command=record.command,
    )


def environment_of(project: Project, oid: str, record: RunRecord) -> dict[str, str] | None:
    """Return the versions of packages that a run's commit holds, and of 'python'.

    None if they were not recorded. A package that did not come from an index says where from.
    """
    folder = f"{record.project}/" if record.project else ""
    content = project.repository.objects.blob(f"{oid}:{folder}.gitexp/environment.txt")
    if content is None or not (content or record.python):  # or nobody knows what was used
        return None
    found = package_texts(content.decode(errors="replace").splitlines())
    return {"python": record.python, **found} if record.python else found
