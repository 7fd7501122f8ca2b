"""The staged files of one project: readable, without markers, small, with their data somewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence

from gitexp.checking.check import check_revision
from gitexp.checking.data import find_data
from gitexp.data.pipelines import PIPELINE_NAME
from gitexp.data.pointers import Pointer, pointers_of
from gitexp.errors import GitexpError
from gitexp.git.staging import StagedFile, sizes
from gitexp.git.trees import LINK_MODE, SUBMODULE_MODE
from gitexp.hooks.call import Call
from gitexp.hooks.entry import tell
from gitexp.hooks.held import held_by_git
from gitexp.hooks.pointing import Pointing
from gitexp.model.numbers import size_text
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.review.checks import Check
from gitexp.review.words import named
from gitexp.revisions.by_name import is_pointer
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import Revision, staged_revision
from gitexp.revisions.roles import Declared
from gitexp.settings.config import CONFIG_NAME, Config

_LFS = b"version https://git-lfs"
_NO_REMOTE = ("no DVC remote is",)


def problems(call: Call, folder: TopPath, changes: Sequence[StagedFile]) -> Iterator[str]:
    """Yield what keeps the files from being committed; what is only doubtful is printed."""
    project = Project(call.repository, folder, folder)
    staged = Reading(project, staged_revision(project, call.index))
    config = staged.settings
    if config is None:
        yield from (_of(folder, str(error)) for error in staged.problems.values())
        return
    yield from _bulky(project, config, staged.declared, changes)
    present = [one.path for one in changes if one.status != "D"]
    values = [path for path in present if _has_values(staged.declared, path)]
    if not values:
        return
    found = check_revision(project, staged, ask_remote=False)
    yield from _broken(folder, found, values)
    yield from _without_data(project, staged.revision, values)
    _warn(folder, found)


def _has_values(declared: Declared, path: str) -> bool:
    """Return whether a file is read as params, metrics, pointers or settings."""
    return (
        is_pointer(path)
        or path.rpartition("/")[2] in (CONFIG_NAME, PIPELINE_NAME)
        or declared.is_params(path)
        or declared.is_metric(path)
    )


def _broken(folder: str, found: Check, changed: Sequence[str]) -> Iterator[str]:
    for one in found.findings:
        if one.mark == "wrong" and one.subject in changed and one.topic in ("files", "conflicts"):
            yield _of(folder, one.words)


def _of(folder: str, words: str) -> str:
    """Return words with the project that they are about, if there may be several."""
    return f"{folder}: {words}" if folder else words


def _warn(folder: str, found: Check) -> None:
    for one in found.findings:
        if one.mark == "wrong" and one.topic in ("freshness", "policy"):
            tell(f"warning: {_of(folder, one.words)}")


def _bulky(
    project: Project, config: Config, declared: Declared, changes: Sequence[StagedFile]
) -> Iterator[str]:
    """Yield the files that would enter git and belong behind a pointer."""
    known_before = {one.old_oid for one in changes}  # under another name, it may be
    files = [
        one
        for one in changes
        if one.status != "D"
        and one.mode not in (SUBMODULE_MODE, LINK_MODE)
        and one.oid not in known_before
    ]
    most = config.max_file_size
    known = sizes(project.repository, [oid for one in files for oid in (one.oid, one.old_oid)])
    pointing = Pointing(project)
    for one in files:
        size, is_new = known.get(one.oid, 0), one.status != "M"
        if size > most >= known.get(one.old_oid, 0):  # what was already large is there on purpose
            yield f"'{one.path}' is {size_text(size)}: {pointing.out_of_git(one.path)}"
        elif is_new and declared.is_model(one.path) and not _is_lfs(project, one):
            yield f"'{one.path}' is a model: {pointing.out_of_git(one.path)}"


def _is_lfs(project: Project, file: StagedFile) -> bool:
    return (project.repository.objects.blob(file.oid) or b"").startswith(_LFS)


def _without_data(project: Project, staged: Revision, changed: Iterable[str]) -> Iterator[str]:
    """Yield the pointers whose data nobody could get: neither here nor on a remote."""
    pointers: list[Pointer] = []
    for path in filter(is_pointer, changed):
        if not _is_import(staged.read(path) or b""):
            with contextlib.suppress(GitexpError):  # already reported
                pointers += pointers_of(path, staged.read)
    held = held_by_git(project.repository, [one.path for one in pointers], staged.index)
    wanted = [one for one in pointers if one.path not in held]
    if not wanted:
        return
    places = find_data(project, wanted, ask_remote=True)
    names = named([f"'{name}'" for name in places.nowhere])
    if places.problem is not None and not places.problem.startswith(_NO_REMOTE):
        tell(f"warning: the data of {names} is not here: {places.problem}")
        return
    if names:
        way = Pointing(project).into_cache(places.nowhere)
        where = "nowhere: neither in the DVC cache nor on a remote"
        yield f"the data of {names} is {where}" + (f"; {way}" if way else "")


def _is_import(content: bytes) -> bool:
    """Return whether a `.dvc` file says where its data can be had again."""
    return b"\ndeps:" in b"\n" + content
