"""What earlier runs left in the work tree, of which a run has only what it reads.

Where each run has a folder of its own, everything else would come along with every later run.
"""

from __future__ import annotations

import glob
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from gitexp.data.ignore import names_only
from gitexp.data.pipelines import LOCK_NAME, PIPELINE_NAME
from gitexp.execution.stages import Started
from gitexp.execution.start.named import named_paths
from gitexp.execution.work_tree.files import walk
from gitexp.execution.work_tree.untracked import Untracked
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.pointers.models import ignore_file
from gitexp.project import Project
from gitexp.revisions.roles import Declared, last_writers
from gitexp.settings.config import CONFIG_NAME

_SETUP = frozenset({CONFIG_NAME, PIPELINE_NAME, LOCK_NAME, ".gitignore", ".dvcignore"})
_EVENTS = ".tfevents."


def left_by_earlier(
    project: Project, command: Collection[str], untracked: Untracked
) -> tuple[str, ...]:
    """Return the untracked files that earlier runs wrote and that nothing says a command reads.

    Some are said to be read: by the command line or params, which name a file or the folder of
    one run, and by the settings and stages. What else it reads, only the end tells.
    """
    wrote = last_writers(project, untracked.signatures) if untracked.signatures else {}
    if not wrote:
        return ()
    kept = _kept(project, Declared(project, project.pipeline), wrote)
    theirs = {path: run for path, run in wrote.items() if path not in kept}
    if not theirs:
        return ()
    theirs = _without_named(theirs, named_paths(project, command, _params(project)))
    return (*sorted(theirs), *sorted(_ignore_files(project, untracked, theirs)))


def _kept(project: Project, declared: Declared, wrote: Iterable[str]) -> set[str]:
    """Return what counts whoever wrote it: values that are named outright, and outs of stages."""
    config = project.config
    named = (*config.metrics, *config.renamed_metrics.values(), *config.plots)
    values = {project.path(ProjectPath(name)) for name in named}
    values |= {*declared.params_paths, *map(declared.lead, declared.params_paths)}
    return {
        path
        for path in wrote
        if path in values
        or path.rpartition("/")[2] in _SETUP
        or declared.pipeline.out_of(path) is not None
    }


def _params(project: Project) -> Mapping[str, bytes]:
    files = {name: project.root / name for name in project.params_files}
    return {name: file.read_bytes() for name, file in files.items() if file.is_file()}


def _without_named(wrote: Mapping[str, int], named: Collection[str]) -> dict[str, int]:
    """Return what is not named; a folder that several runs wrote to is where each puts its own."""
    below: dict[str, set[int]] = defaultdict(set)
    for path, run in wrote.items():
        for place in _places(path):
            if place in named:
                below[place].add(run)
    alone = {place for place, runs in below.items() if len(runs) == 1}
    return {path: run for path, run in wrote.items() if alone.isdisjoint(_places(path))}


def _places(path: str) -> Iterator[str]:
    """Yield a path, what it points to, and the folders around it."""
    yield path
    if path.endswith(".dvc"):
        yield path.removesuffix(".dvc")
    above = path
    while above := above.rpartition("/")[0]:
        yield above


def _ignore_files(project: Project, untracked: Untracked, theirs: Collection[str]) -> Iterator[str]:
    """Yield each `.gitignore` that is there for the sake of such models alone."""
    names: dict[str, set[str]] = defaultdict(set)
    for path in theirs:
        if path.endswith(".dvc"):
            data = path.removesuffix(".dvc")
            names[ignore_file(TopPath(data))].add(data.rpartition("/")[2])
    for file, models in names.items():
        if file in untracked.signatures:
            content = (project.repository.top / file).read_bytes()
            if names_only(content, models):
                yield file


def places_to_watch(started: Started) -> dict[str, list[Path]]:
    """Return the files by which it is seen whether a run reads what earlier ones left.

    Of a Python module that is what Python has compiled as well. Event files are read by
    TensorBoard all the time, and by no training.
    """
    top = started.project.repository.top
    pointers: dict[str, list[Path]] = defaultdict(list)
    for one in started.watched:
        if one.earlier:
            pointers[one.file] += _files(top, one.pointer.path)
    found: dict[str, list[Path]] = {}
    for path in started.snapshot.untracked.earlier:
        folder, _, name = path.rpartition("/")
        if path in pointers:
            found[path] = pointers[path]
        elif name.endswith(".py"):
            compiled = (top / folder / "__pycache__").glob(f"{glob.escape(name[:-3])}.*.pyc")
            found[path] = [top / path, *compiled]
        elif name != ".gitignore" and _EVENTS not in name:
            found[path] = [top / path]
    return found


def _files(top: Path, path: str) -> list[Path]:
    return [top / one for one in walk(top, path)] if (top / path).is_dir() else [top / path]
