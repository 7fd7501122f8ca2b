"""Metrics that only need to be committed: the work tree has those that the revision lacks."""

from __future__ import annotations

import os.path
import shlex
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from gitexp.git.trees import is_below
from gitexp.inputs.compared import ComparedInputs
from gitexp.inputs.freshness import read_origins
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.model.patterns import Patterns, is_pattern
from gitexp.review.checks import Finding
from gitexp.review.freshness import Freshness, to_commit
from gitexp.review.words import named
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import workspace_revision


def with_uncommitted(reading: Reading, found: Sequence[Freshness]) -> list[Freshness]:
    """Note by the stale metrics of HEAD, or of what is staged, whose the work tree has.

    That run has to have the inputs of the revision: those of the work tree may be others.
    """
    stale = {file for one in found if not one.fresh for file in one.files}
    if not _is_head(reading) or not any(_differs(reading, file) for file in stale):
        return list(found)
    here = _runs_behind(_work_tree(reading), reading)
    return [_with_here(one, {here.get(file) for file in one.files}) for one in found]


def lacking(reading: Reading) -> Iterator[Finding]:
    """Yield notes on metrics that the work tree has alone, so that CI sees none.

    Of the work tree itself, those are what git ignores, where a policy asks for metrics.
    """
    if reading.revision.kind == "workspace":
        hidden = _hidden(reading) if reading.config.policy.rules else []
        if hidden:
            names = named([str(reading.project.name(path)) for path in hidden])
            yield Finding("files", "note", f"{names}: {_adding(reading, hidden)}", names)
    elif _is_head(reading) and _may_lack(reading):
        yield from _in_work_tree_alone(reading)


def _in_work_tree_alone(reading: Reading) -> Iterator[Finding]:
    work_tree = _work_tree(reading)
    runs = _runs_behind(work_tree, reading)
    if not runs:
        return
    names, ignored = work_tree.metrics_files, _hidden(work_tree)
    alone = {names[path]: path for path in _without(reading, names) if names[path] in runs}
    for run in dict.fromkeys(map(runs.__getitem__, alone)):
        files = [one for one in alone if runs[one] == run]
        hidden = [alone[one] for one in files if alone[one] in ignored]
        words = [to_commit(files, run), *([_adding(reading, hidden)] if hidden else [])]
        yield Finding("freshness", "note", "; ".join(words), named(files))


def _work_tree(reading: Reading) -> Reading:
    return Reading(reading.project, workspace_revision(reading.project))


def _runs_behind(work_tree: Reading, reading: Reading) -> dict[str, str]:
    """Return by metrics file the run that the work tree has it of, if it has the inputs of both."""
    try:
        origins = read_origins(work_tree)
    except OSError:  # that is not what the revision is asked for
        return {}
    inputs = ComparedInputs(reading.project, reading.revision, reading.declared)
    runs = {one: run for one, run in origins.runs.items() if not run.facts.removed}
    return {
        file: run.name
        for one in origins.freshness
        if one.fresh and one.status == "done" and (run := runs.get(one.run_id or "")) is not None
        if inputs.with_run(run, run.record).fresh
        for file in one.files
    }


def _may_lack(reading: Reading) -> bool:
    """Return whether the work tree may have metrics that a revision does not have.

    A pattern that finds nothing may find what git does not know.
    """
    config, top = reading.config, reading.project.repository.top
    if any((top / path).is_file() for path in _without(reading, reading.metrics_files)):
        return True
    patterns = (*filter(is_pattern, config.metrics), *config.renamed_metrics.values())
    there = reading.metrics_files.keys() & set(reading.revision.paths)
    names = [reading.project.name(path) for path in there]
    return any(not any(map(Patterns.anchored([one]).match, names)) for one in patterns)


def _without(reading: Reading, paths: Iterable[TopPath]) -> list[TopPath]:
    """Return those of some files that a revision has neither in git nor behind a pointer."""
    listed = set(reading.revision.paths)
    pointers = [reading.project.path(ProjectPath(name)) for name in reading.side.pointers]
    return [
        path
        for path in paths
        if path not in listed and not any(is_below(one, path) for one in pointers)
    ]


def _hidden(work_tree: Reading) -> list[TopPath]:
    """Return the metrics files that git ignores and that are behind no pointer."""
    top = work_tree.project.repository.top
    absent = _without(work_tree, work_tree.metrics_files)
    return [path for path in absent if (top / path).is_file()]


def _adding(reading: Reading, paths: Sequence[TopPath]) -> str:
    top = reading.project.repository.top
    shown = shlex.join(os.path.relpath(top / path) for path in paths)
    pronoun = "it" if len(paths) == 1 else "them"
    return f"git ignores {pronoun} until `git add --force {shown}`"


def _is_head(reading: Reading) -> bool:
    """Return whether a revision is HEAD, or what is staged on it."""
    revision = reading.revision
    if revision.run is not None or revision.kind == "workspace":
        return False
    return revision.commit == reading.project.repository.objects.commit("HEAD")


def _differs(reading: Reading, file: str) -> bool:
    """Return whether the work tree has another version of a file that git knows."""
    project = reading.project
    path = project.path(ProjectPath(file))
    there = reading.revision.read(path)
    try:
        return there is not None and (project.repository.top / path).read_bytes() != there
    except OSError:
        return False


def _with_here(one: Freshness, runs: set[str | None]) -> Freshness:
    """Return it with the one run that all of its files in the work tree are of, if they are."""
    return one if one.fresh or len(runs) != 1 else replace(one, here=next(iter(runs)))
