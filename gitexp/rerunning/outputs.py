"""The outputs of two runs compared: by hash, and where that differs, by what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from gitexp.data.pointers import Pointer
from gitexp.git.trees import Entry, tree_entries
from gitexp.handover.contents import RunContents
from gitexp.model.paths import ProjectPath
from gitexp.model.verification import OutputAnswer
from gitexp.project import Project
from gitexp.rerunning.compared import ComparedOutputs, Held
from gitexp.revisions.by_name import is_housekeeping
from gitexp.store.stored_run import StoredRun


def compare_outputs(
    project: Project,
    runs: tuple[StoredRun, StoredRun],
    scratch: Path,
    pythons: Sequence[str],
    *,
    unpickle: bool = False,
) -> ComparedOutputs:
    """Compare what both runs wrote, but for the files that hold metrics."""
    names = sorted({name for run in runs for name in _outputs(run)})
    if not names:
        return ComparedOutputs({})
    held = [_held(project, run) for run in runs]
    answers: dict[str, OutputAnswer] = {}
    reasons: list[str] = []
    odd: list[str] = []
    for name in names:
        one, other = (found.get(project.path(ProjectPath(name))) for found in held)
        if one is None or other is None:
            answers[name] = "different"
            when = "the first time" if other is None else "again"
            reasons.append(f"'{name}' was only written {when}")
        elif _is_same(one, other):
            answers[name] = "equal"
        else:
            odd.append(name)
    if odd:
        from gitexp.rerunning.by_content import compare_by_content  # noqa: PLC0415 - 75 ms, where bytes differ

        found = compare_by_content(project, held, odd, scratch, pythons, unpickle=unpickle)
        answers |= found.answers
        reasons += found.reasons
    return ComparedOutputs({name: answers[name] for name in names}, tuple(reasons))


def _outputs(run: StoredRun) -> Iterator[str]:
    """Yield what holds results: neither metrics, nor what says where data lies (`dvc.lock`)."""
    record = run.record
    for name in record.outputs:
        if name not in record.metrics and not is_housekeeping(name):
            yield name


def _held(project: Project, run: StoredRun) -> dict[str, Held]:
    contents = RunContents(project, run)
    pointers = {path: one.pointer for path, one in contents.data.items()}
    files = tree_entries(project.repository, run.oid)
    found: dict[str, Held] = {**files, **pointers}
    written = (project.path(ProjectPath(name)) for name in run.record.outputs)
    return {path: found[path] for path in written if path in found}


def _is_same(one: Entry | Pointer, other: Entry | Pointer) -> bool:
    if isinstance(one, Pointer) and isinstance(other, Pointer):
        return (one.md5, one.hash_name) == (other.md5, other.hash_name)
    return isinstance(one, Entry) and isinstance(other, Entry) and one.oid == other.oid
