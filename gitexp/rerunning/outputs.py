"""The outputs of two runs compared: by hash, and where that differs, by what they hold."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from gitexp.data.checkout import DataSource
from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.git.trees import LINK_MODE, Entry, tree_entries
from gitexp.handover.apply import fetch_missing
from gitexp.handover.contents import RunContents
from gitexp.handover.get import open_source
from gitexp.model.paths import ProjectPath
from gitexp.model.verification import OutputAnswer
from gitexp.project import Project
from gitexp.rerunning.comparer import Pair, compare_contents
from gitexp.store.reading import StoredRun


class ComparedOutputs(Struct, frozen=True):
    """What became of each output, and what is to be said of those that differ."""

    answers: Mapping[str, OutputAnswer]
    """By path in the project."""
    reasons: tuple[str, ...] = ()


_Held = Entry | Pointer | None
"""What a run has of a path: a file in git, data behind a pointer, or nothing."""


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
        _by_content(project, held, odd, scratch, pythons, answers, reasons, unpickle=unpickle)
    return ComparedOutputs({name: answers[name] for name in names}, tuple(reasons))


def _outputs(run: StoredRun) -> Iterator[str]:
    record = run.record
    yield from (name for name in record.outputs if name not in record.metrics)


def _held(project: Project, run: StoredRun) -> dict[str, _Held]:
    contents = RunContents(project, run)
    pointers = {path: one.pointer for path, one in contents.data.items()}
    files = tree_entries(project.repository, run.oid)
    found: dict[str, _Held] = {**files, **pointers}
    written = (project.path(ProjectPath(name)) for name in run.record.outputs)
    return {path: found[path] for path in written if path in found}


def _is_same(one: Entry | Pointer, other: Entry | Pointer) -> bool:
    if isinstance(one, Pointer) and isinstance(other, Pointer):
        return (one.md5, one.hash_name) == (other.md5, other.hash_name)
    return isinstance(one, Entry) and isinstance(other, Entry) and one.oid == other.oid


def _by_content(
    project: Project,
    held: Sequence[Mapping[str, _Held]],
    names: Sequence[str],
    scratch: Path,
    pythons: Sequence[str],
    answers: dict[str, OutputAnswer],
    reasons: list[str],
    *,
    unpickle: bool,
) -> None:
    """Compare files one by one, those of folders too."""
    pairs: list[Pair] = []
    of: list[str] = []
    with open_source(project) as source:
        for at, name in enumerate(names):
            path = project.path(ProjectPath(name))
            try:
                sides = [
                    _files(project, source, found[path], scratch / f"{at}-{side}")
                    for side, found in enumerate(held)
                ]
            except GitexpError as error:
                answers[name] = "unknown"
                reasons.append(f"'{name}' is not compared: {error}")
                continue
            answers[name] = "equal in content"
            if sides[0].keys() != sides[1].keys():
                answers[name] = "different"
                lone = min(sides[0].keys() ^ sides[1].keys())
                reasons.append(f"'{name}' holds '{lone}' only one time")
                continue
            for inner, file in sides[0].items():
                full = f"{name}/{inner}" if inner else name
                pairs.append(Pair(full, file, sides[1][inner]))
                of.append(name)
        for name, pair, answer in zip(
            of, pairs, compare_contents(pairs, pythons, unpickle=unpickle), strict=True
        ):
            if answer.equal:
                continue
            if answers[name] != "different":
                answers[name] = "unknown" if answer.equal is None else "different"
            word = "cannot be compared" if answer.equal is None else "differs"
            reasons.append(f"'{pair.name}' {word}: {answer.why}")


def _files(project: Project, source: DataSource, held: _Held, scratch: Path) -> dict[str, Path]:
    """Return the files of an output, by their path in it; '' is the output itself."""
    if isinstance(held, Pointer):
        fetch_missing(source, [held])
        if not source.is_sound(held):
            raise GitexpError(f"the data of '{held.path}' is missing (md5 {held.md5})")
        members = source.members(held) if held.is_folder else {"": held.md5}
        return {name: source.object(held, md5) for name, md5 in members.items()}
    assert held is not None  # as the caller saw
    content = project.repository.objects.blob(held.oid)
    if content is None or held.mode == LINK_MODE:
        raise GitexpError("it is a link" if content is not None else "git does not have it")
    with contextlib.suppress(FileExistsError):
        scratch.write_bytes(content)
    return {"": scratch}
