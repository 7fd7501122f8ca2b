"""What a command left behind, told apart from what git and the user did meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from msgspec.structs import replace

from gitexp.data.pipelines import Pipeline, read_pipelines
from gitexp.data.signatures import signature as data_signature
from gitexp.execution.stages import NOTHING, Outcome, Reproduced, Started
from gitexp.execution.work_tree.files import Signature, is_regular, signatures
from gitexp.execution.work_tree.head import HeadState, done_by_git
from gitexp.execution.work_tree.ignored import watch_ignored
from gitexp.execution.work_tree.untracked import list_untracked
from gitexp.execution.work_tree.watched import WatchedPointer
from gitexp.git.index import PrivateIndex
from gitexp.git.trees import is_below
from gitexp.project import Project
from gitexp.revisions.roles import Declared, earlier_outputs, pipeline_files
from gitexp.revisions.secret_names import is_secret_path

_NO_LIMIT = 1 << 62


def find_outcome(started: Started, reproduced: Reproduced = NOTHING) -> Outcome:
    """Compare the work tree with what the command found, by stat signature and not by content.

    Metrics and plots that `dvc.lock` confirms count as written, though DVC skipped their stage.
    """
    project, snapshot, watched = started.project, started.snapshot, started.watched
    top = project.repository.top
    new_files = list_untracked(snapshot.index, project.recorded_folders(), _NO_LIMIT)
    ignored = watch_ignored(project, snapshot.index)
    before = {**snapshot.signatures, **started.ignored.named}
    now = {**signatures(top, before), **_appeared(started)}
    now |= {**new_files.signatures, **ignored.named}
    pipeline = _pipeline_at_end(project, [path for path in now if before.get(path) != now[path]])
    started = replace(started, declared=started.declared.also(pipeline))
    fresh = signatures(top, _fresh(started))
    now |= fresh
    before |= _older(started, fresh)
    touched = [
        path for path, found in now.items() if before.get(path) != found and is_regular(found)
    ]
    gone = [path for path in before if path not in now]
    changed_data = [
        one for one in watched if data_signature(top / one.pointer.path) != one.signature
    ]
    if HeadState.of(project.repository).moved_since(snapshot.head):
        by_git = done_by_git(project.repository, touched, gone, started.scratch)
        touched = [path for path in touched if path not in by_git]
        gone = [path for path in gone if path not in by_git]
        pointers_by_git = {one.file for one in changed_data} & by_git
        changed_data = [one for one in changed_data if one.file not in pointers_by_git]
    touched = sorted({*touched, *(path for path in reproduced.confirmed if path in now)})
    behind = [one.pointer.path for one in watched]
    touched = [path for path in touched if not any(is_below(data, path) for data in behind)]
    sorted_out = _sorted_out(
        started.declared,
        touched=[path for path in touched if not _is_housekeeping(path)],
        gone=gone,
        before=before,
        entries=set(snapshot.entries),
        written_data=[one for one in changed_data if (top / one.pointer.path).exists()],
        special=(*new_files.special, *new_files.secret),
        earlier=earlier_outputs(project, set(touched).difference(snapshot.tracked)),
    )
    return replace(
        sorted_out,
        folders=new_files.folders,
        ignored_models=_changed(started.ignored.models, ignored.models),
        reproduced=reproduced,
        pipeline=pipeline,
    )


def _pipeline_at_end(project: Project, written: Iterable[str]) -> Pipeline:
    """Return the values that a `dvc.yaml` names which the command wrote, as DVCLive does."""
    files = pipeline_files(project, written)
    found = read_pipelines((path, _content(project, path)) for path in files)
    return Pipeline(params=found.params, metrics=found.metrics, plots=found.plots)


def _content(project: Project, path: str) -> bytes | None:
    try:
        return (project.repository.top / path).read_bytes()
    except OSError:
        return None


def _appeared(started: Started) -> dict[str, Signature]:
    """Return what a sparse checkout left out, and the command wrote all the same.

    What the user's git brought meanwhile is as the user's index has it, and no longer left out.
    """
    repository, snapshot = started.project.repository, started.snapshot
    found = signatures(repository.top, snapshot.skipped)
    if not found:
        return {}
    index = PrivateIndex.copied(repository, started.scratch / "user.index")
    brought = found.keys() - index.listing().skipped
    by_git = done_by_git(repository, brought, (), started.scratch)
    return {path: one for path, one in found.items() if path not in by_git}


def _fresh(started: Started) -> frozenset[str]:
    """Return the params, and the metrics and plots of pipelines, which git may well ignore."""
    declared = started.declared
    return declared.pipeline.metrics | declared.pipeline.plots | declared.params_paths


def _older(started: Started, now: Mapping[str, Signature]) -> dict[str, Signature]:
    """Return how files of a pipeline were at the start.

    For those that were not known by then, the time of their last change decides.
    """
    known = {**started.snapshot.signatures, **started.ignored.named, **started.ignored.outs}
    begun = started.since
    old = {path: found for path, found in now.items() if path not in known and found[1] < begun}
    return {**old, **{path: found for path, found in known.items() if path in now}}


def _changed(before: Mapping[str, Signature], now: Mapping[str, Signature]) -> tuple[str, ...]:
    return tuple(sorted(path for path, found in now.items() if before.get(path) != found))


def _is_housekeeping(path: str) -> bool:
    return path.endswith(".gitignore") or ".dvc" in path.split("/")[:-1]


def _sorted_out(
    declared: Declared,
    *,
    touched: list[str],
    gone: list[str],
    before: dict[str, Signature],
    entries: set[str],
    written_data: list[WatchedPointer],
    special: Iterable[str],
    earlier: Collection[str],
) -> Outcome:
    out = {path for path in (*special, *touched) if path in special or is_secret_path(path)}
    written = [
        path
        for path in touched
        if path not in out
        and (path not in before or path in earlier or _may_be_rewritten(declared, path))
    ]
    unwritten = entries.difference(written)
    absent = {path for path in unwritten if declared.is_fresh_or_absent(path)}
    absent |= {path for path in gone if path in entries and declared.is_output(path)}
    edited = [path for path in (*touched, *gone) if path in before and path in entries]
    return Outcome(
        written=tuple(sorted(written)),
        existed=frozenset(before).intersection(written),
        absent=tuple(sorted(absent)),
        pointers=tuple(written_data),
        changed_meanwhile=tuple(sorted(set(edited).difference(written, absent))),
        left_out=tuple(sorted(out.difference(before))),
    )


def _may_be_rewritten(declared: Declared, path: str) -> bool:
    return (
        declared.is_output(path) or path.endswith(".dvc") or path.rpartition("/")[2] == "dvc.lock"
    )
