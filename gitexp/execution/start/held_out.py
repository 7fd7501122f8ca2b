"""Data that no training may see: what names it is refused before the start."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from gitexp.data.pipelines import PIPELINE_NAME
from gitexp.errors import GitexpError
from gitexp.execution.start.chosen import pipeline_behind
from gitexp.execution.start.named import places_in, texts_of
from gitexp.git.trees import is_below
from gitexp.model.paths import ProjectPath
from gitexp.project import Project

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
        held = os.fspath(project.root / path)
        return any(is_below(held, place) for place in places_in(text, folders))

    if any(named(word, (here,)) for word in command):
        yield "the command"
    for file, content in params.items():
        for key, value in texts_of(project, file, content):
            if named(value, (here, project.root)):
                yield f"'{key}' in {file}"
    if list(command)[:2] == ["dvc", "repro"]:
        pipeline = pipeline_behind(project, project.root / PIPELINE_NAME)
        yield from _in_pipeline(project, pipeline, named) if pipeline is not None else ()


def _in_pipeline(
    project: Project, file: Path, named: Callable[[str, Iterable[Path]], bool]
) -> Iterator[str]:
    """Yield what names a path in the pipeline: a stage, which may have a folder of its own."""
    found = texts_of(project, PIPELINE_NAME, file.read_bytes())
    folders = {key: project.root / value for key, value in found if key.endswith(".wdir")}
    for key, value in found:
        head, _, rest = key.partition(".")
        stage = rest.partition(".")[0]
        if named(value, (project.root, folders.get(f"{head}.{stage}.wdir", project.root))):
            what = f"stage '{stage}'" if head == "stages" else f"'{key}'"
            yield f"{what} of {PIPELINE_NAME}"
