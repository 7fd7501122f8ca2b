"""Outputs whose bytes differ, compared by what they hold."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.git.trees import LINK_MODE
from gitexp.model.paths import ProjectPath
from gitexp.model.verification import OutputAnswer
from gitexp.pointers.source import ProjectData
from gitexp.project import Project
from gitexp.rerunning.compared import ComparedOutputs, Held
from gitexp.rerunning.comparer import Pair, compare_contents


def compare_by_content(
    project: Project,
    held: Sequence[Mapping[str, Held]],
    names: Sequence[str],
    scratch: Path,
    pythons: Sequence[str],
    *,
    unpickle: bool,
) -> ComparedOutputs:
    """Compare files one by one, those of folders too."""
    answers: dict[str, OutputAnswer] = {}
    reasons: list[str] = []
    pairs: list[Pair] = []
    of: list[str] = []
    with ProjectData(project) as source:
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
    return ComparedOutputs(answers, tuple(reasons))


def _files(project: Project, source: ProjectData, held: Held, scratch: Path) -> dict[str, Path]:
    """Return the files of an output, by their path in it; '' is the output itself."""
    if isinstance(held, Pointer):
        source.fetch_missing([held])
        if not source.is_sound(held):
            raise GitexpError(f"the data of '{held.path}' is missing (md5 {held.md5})")
        members = source.members(held) if held.is_folder else {"": held.md5}
        return {name: source.object_of(held, md5) for name, md5 in members.items()}
    assert held is not None  # as the caller saw
    content = project.repository.objects.blob(held.oid)
    if content is None or held.mode == LINK_MODE:
        raise GitexpError("it is a link" if content is not None else "git does not have it")
    with contextlib.suppress(FileExistsError):
        scratch.write_bytes(content)
    return {"": scratch}
