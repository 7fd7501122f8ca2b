"""Data that no training may see: what names it is refused before the start."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from gitexp.data.pipelines import PIPELINE_NAME
from gitexp.errors import GitexpError
from gitexp.git.trees import is_below
from gitexp.model.documents.reading import parse_document
from gitexp.model.paths import ProjectPath
from gitexp.model.values import flatten
from gitexp.project import Project

_WORD_ENDS = re.compile(r"[\s='\",;:()<>|&]+")
"""What paths stand between, in words of a shell and in flags."""
HINT = "Train on other data, or say that this is meant: `gitexp run --allow-held-out …`."


def check_held_out(
    project: Project, command: Iterable[str], params: Mapping[str, bytes], *, allowed: bool
) -> tuple[ProjectPath, ...]:
    """Return the held-out data that a command or its params name, if that is allowed.

    Raises GitexpError if it is not, and for held-out data that has no pointer of its own.
    """
    found: list[ProjectPath] = []
    for path in map(ProjectPath, project.config.held_out):
        check_has_pointer(project, path)
        where = next(_named_in(project, path, command, params), None)
        if where is None:
            continue
        if not allowed:
            raise GitexpError(f"'{path}' is held out, and {where} names it", hint=HINT)
        found.append(path)
    return tuple(found)


def check_has_pointer(project: Project, path: ProjectPath) -> None:
    """Raise GitexpError for held-out data that is not behind a pointer of its own."""
    place = project.root / f"{path}.dvc"
    if not place.is_file():
        raise GitexpError(
            f"'{path}' is named under `held_out:`, but is not behind a pointer of its own",
            hint=f"Put it behind one with `gitexp track {path}`, or take it out of gitexp.yaml.",
        )


def _named_in(
    project: Project, path: ProjectPath, command: Iterable[str], params: Mapping[str, bytes]
) -> Iterator[str]:
    """Yield what names a path: itself, or something below it."""
    here = project.repository.top / project.directory

    def named(text: str, folders: Iterable[Path]) -> bool:
        places = (folder / word for folder in folders for word in _WORD_ENDS.split(text) if word)
        held = os.fspath(project.root / path)
        return any(is_below(held, os.path.normpath(place)) for place in places)

    if any(named(word, (here,)) for word in command):
        yield "the command"
    for file, content in params.items():
        for key, value in _values(file, content):
            if isinstance(value, str) and named(value, (here, project.root)):
                yield f"'{key}' in {file}"
    if list(command)[:2] == ["dvc", "repro"]:
        yield from _in_pipeline(project, path)


def _values(file: str, content: bytes) -> Iterable[tuple[str, object]]:
    try:
        return flatten(parse_document(content, file)).items()
    except GitexpError:  # reported elsewhere, or the command will write it
        return ()


def _in_pipeline(project: Project, path: ProjectPath) -> Iterator[str]:
    file = project.root / PIPELINE_NAME
    content = file.read_bytes() if file.is_file() else b""
    values = dict(_values(PIPELINE_NAME, content))
    held = os.path.normpath(path)
    for key, value in values.items():
        if not key.startswith("stages.") or not key.endswith(".deps"):
            continue
        folder = str(values.get(f"{key.removesuffix('deps')}wdir", ""))
        read = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
        if any(is_below(held, os.path.normpath(os.path.join(folder, one))) for one in read):  # noqa: PTH118 - not to be resolved
            yield f"stage '{key.split('.')[1]}' of {PIPELINE_NAME}"
