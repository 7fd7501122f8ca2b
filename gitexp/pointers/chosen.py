"""Which of the files that a run wrote go behind DVC pointers: models, and whatever is large."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from gitexp.git.plain_files import filtered
from gitexp.git.trees import is_below
from gitexp.pointers.binary import binary_places
from gitexp.pointers.recognised import (
    describes_mlflow_model,
    is_model_file,
    is_tracker_file,
    model_folders,
    tells_of_model,
)
from gitexp.project import Project
from gitexp.revisions.roles import Declared
from gitexp.settings.config import MOST_BYTES, MOST_FILES

ByFilter = Callable[[], set[str]]
"""Tells which files a filter of git's keeps, such as LFS: where nobody said more, they stay its."""


def behind_pointers(
    project: Project,
    written: Iterable[str],
    *,
    tracked: Collection[str],
    folders: Iterable[str],
    declared: Declared,
    links: Collection[str] = (),
    whole: Collection[str] = (),
) -> dict[str, list[str]]:
    """Return which paths go behind a pointer, and which of the written ones each stands for.

    What git tracks and `links` to what the run has anyway stay in git; what a stage of a
    pipeline writes belongs to DVC. Models go behind pointers whatever their size, large files
    too, and a new folder of very many or very large files as one; those of `whole` always. A new
    folder that is a model is one pointer, with the side files of the model. Binary files stay in
    git as long as they are small all together, or the settings name them.
    """
    written, folders = list(written), list(folders)
    by_filter = functools.cache(lambda: filtered(project.repository, written))
    chosen = _model_folders(project, written, folders, tracked, declared, whole, by_filter)
    rest: dict[str, int] = {}
    in_models = {path for inside in chosen.values() for path in inside}
    for path in written:
        if path in tracked or path.endswith(".dvc") or path in in_models:
            continue
        around = next((folder for folder in whole if is_below(folder, path)), None)
        if around is not None:
            chosen.setdefault(around, []).append(path)
            continue
        owner = declared.pipeline.cached_out_of(path)
        is_alone = path in links and declared.tracked_folder(path) is None
        place: str | None = owner
        if place is None and not is_alone:
            place = _pointer_place(project, path, tracked, declared, by_filter)
        if place is not None:
            chosen.setdefault(place, []).append(path)
        else:
            rest[path] = _size(project, path)
    chosen |= _binary(project, written, folders, rest, declared, by_filter)
    for folder in folders:
        inside = [path for path in rest if is_below(folder, path)]
        if len(inside) > MOST_FILES or sum(rest[path] for path in inside) > MOST_BYTES:
            absorbed = [place for place in chosen if is_below(folder, place)]
            chosen[folder] = [*inside, *(path for place in absorbed for path in chosen.pop(place))]
    return chosen


def _binary(
    project: Project,
    written: Iterable[str],
    new: Collection[str],
    rest: dict[str, int],
    declared: Declared,
    by_filter: ByFilter,
) -> dict[str, list[str]]:
    """Take pictures and the like out of the rest, if they are large, and say where they go."""
    if not project.config.recognises_models:
        return {}

    def stays(path: str) -> bool:
        is_named = declared.is_fresh_or_absent(path) or declared.is_result(path)
        return is_named or path in by_filter()

    found = binary_places(project.repository.top, written, new, rest, stays)
    for inside in found.values():
        for path in inside:
            del rest[path]
    return found


def _model_folders(
    project: Project,
    written: Iterable[str],
    new: Collection[str],
    tracked: Collection[str],
    declared: Declared,
    whole: Iterable[str],
    by_filter: ByFilter,
) -> dict[str, list[str]]:
    if not new or not project.config.recognises_models:
        return {}

    def is_taken(path: str) -> bool:
        return (
            path in tracked
            or path.endswith(".dvc")
            or (declared.has_values(path) and not tells_of_model(path))
            or declared.is_result(path)
            or any(is_below(one, path) for one in whole)
            or (project.repository.top / path).is_symlink()
            or path in by_filter()
        )

    def is_mlflow(path: str) -> bool:
        return describes_mlflow_model(project.repository.top / path)

    return model_folders(written, new, is_taken, is_mlflow)


def _pointer_place(
    project: Project,
    path: str,
    tracked: Collection[str],
    declared: Declared,
    by_filter: ByFilter,
) -> str | None:
    place = project.repository.top / path
    link = place.is_symlink()
    if declared.is_model(path):
        whole = declared.tracked_folder(path) or path
        if whole == path and link and not _leads_somewhere(place):
            return None
        return path if any(is_below(whole, one) for one in tracked) else whole
    if link:
        return None
    if _size(project, path) > project.config.max_file_size:
        return path
    is_recognised = _is_recognised(project, path, declared) and path not in by_filter()
    return path if is_recognised else None


def _is_recognised(project: Project, path: str, declared: Declared) -> bool:
    """Return whether a file is a model or a tracker's, by what it holds.

    What the settings call a plot stays in git, and what a stage of a pipeline leaves to git.
    """
    config, file = project.config, project.repository.top / path
    if declared.pipeline.out_of(path) is not None:
        return False
    if config.tracker_files == "pointer" and is_tracker_file(file):
        return True
    return (
        config.recognises_models and not declared.is_fresh_or_absent(path) and is_model_file(file)
    )


def _leads_somewhere(link: Path) -> bool:
    try:
        return link.exists()
    except OSError:  # Python 3.10 raises for a loop
        return False


def _size(project: Project, path: str) -> int:
    try:
        return os.lstat(project.repository.top / path).st_size
    except OSError:
        return 0
