"""What earlier runs left in the work tree, of which a run has only what it reads.

Where each run has a folder of its own, everything else would come along with every later run.
"""

from __future__ import annotations

import contextlib
import glob
import itertools
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

from gitexp.data.ignore import size_of_lines
from gitexp.data.pipelines import LOCK_NAME, PIPELINE_NAME
from gitexp.execution.stages import Started
from gitexp.execution.start.named import named_by, named_paths
from gitexp.execution.work_tree.files import walk
from gitexp.execution.work_tree.untracked import Untracked
from gitexp.git.trees import is_below
from gitexp.model.paths import ProjectPath
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.revisions.roles import Declared, last_writers
from gitexp.settings.config import CONFIG_NAME

_SETUP = frozenset({CONFIG_NAME, PIPELINE_NAME, LOCK_NAME, ".gitignore", ".dvcignore"})
_EVENTS = ".tfevents"


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
    is_kept = _kept(project, Declared(project, project.pipeline))
    theirs = {path: run for path, run in wrote.items() if not is_kept(path)}
    if not theirs:
        return ()
    named = named_paths(project, command, _params(project))
    theirs = _without_named(theirs, named, lambda run: _where_it_writes(project, run, command))
    return (*sorted(theirs), *sorted(_ignore_files(untracked, theirs)))


def _kept(project: Project, declared: Declared) -> Callable[[str], bool]:
    """Return what tells what counts whoever wrote it: values named outright, outs of stages."""
    config, pipeline = project.config, declared.pipeline
    named = (*config.metrics, *config.renamed_metrics.values(), *config.plots)
    values = {project.path(ProjectPath(name)) for name in named}
    values |= {*declared.params_paths, *map(declared.lead, declared.params_paths)}

    def is_kept(path: str) -> bool:
        is_setup = path.rpartition("/")[2] in _SETUP
        return is_setup or path in values or (bool(pipeline.outs) and bool(pipeline.out_of(path)))

    return is_kept


def _params(project: Project) -> Mapping[str, bytes]:
    files = {name: project.root / name for name in project.params_files}
    return {name: file.read_bytes() for name, file in files.items() if file.is_file()}


def _without_named(
    wrote: Mapping[str, int], named: Iterable[str], places: Callable[[int], Collection[str]]
) -> dict[str, int]:
    """Return what is not named; a folder may be named because each run puts its own there.

    It is if several runs wrote to it, or one to which it was named as well: see `places`.
    """
    found = dict(wrote)
    for place in named:
        inside = {path: run for path, run in wrote.items() if _is_at(place, path)}
        writers = set(inside.values())
        if len(writers) != 1:
            continue
        is_folder = inside.keys().isdisjoint((place, f"{place}.dvc"))
        if not is_folder or place not in places(writers.pop()):
            for path in inside:
                found.pop(path, None)
    return found


def _where_it_writes(project: Project, run: int, command: Collection[str]) -> frozenset[str]:
    """Return what a run of the same program named: where one puts its outputs, all do."""
    [found] = project.runs.index.at([run])
    with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
        record = found.record
        if _program(record.command) == _program(command):
            return named_by(project, record)
    return frozenset()


def _program(command: Iterable[str]) -> list[str]:
    """Return the words before the first that sets a value.

    >>> _program(["python", "train.py", "--out", "runs"]), _program(["python", "fit.py", "lr=1"])
    (['python', 'train.py'], ['python', 'fit.py'])
    """
    return [*itertools.takewhile(lambda word: not ("=" in word or word[:2] == "--"), command)]


def _is_at(place: str, path: str) -> bool:
    """Return whether a path is what is named, points to it or to what is around it, or is in it."""
    if path.startswith(place):
        return path[len(place) :].partition("/")[0] in ("", ".dvc")
    return path.endswith(".dvc") and is_below(path.removesuffix(".dvc"), place)


def _ignore_files(untracked: Untracked, theirs: Iterable[str]) -> Iterator[str]:
    """Yield each `.gitignore` that is there for the sake of such models alone, by its size."""
    names: dict[str, list[str]] = defaultdict(list)
    for path in theirs:
        if path.endswith(".dvc"):
            folder, slash, name = path.rpartition("/")
            names[f"{folder}{slash}.gitignore"].append(name.removesuffix(".dvc"))
    for file, models in names.items():
        found = untracked.signatures.get(file)
        if found is not None and found[2] == size_of_lines(models):
            yield file


def places_to_watch(started: Started) -> dict[str, list[str]]:
    """Return the files by which it is seen whether a run reads what earlier ones left.

    Of a Python module that is what Python has compiled as well. Event files are read by
    TensorBoard all the time, and by no training.
    """
    top = os.fspath(started.project.repository.top)
    pointers: dict[str, list[str]] = defaultdict(list)
    for one in started.watched:
        if one.earlier:
            pointers[one.file] += _files(top, one.pointer.path)
    found: dict[str, list[str]] = {}
    for path in started.snapshot.untracked.earlier:
        folder, _, name = path.rpartition("/")
        if path in pointers:
            found[path] = pointers[path]
        elif name.endswith(".py"):
            pattern = f"{glob.escape(f'{top}/{folder}/__pycache__/{name[:-3]}')}.*.pyc"
            found[path] = [f"{top}/{path}", *glob.glob(pattern)]  # noqa: PTH207 - texts, as the rest
        elif name != ".gitignore" and _EVENTS not in name:
            found[path] = [f"{top}/{path}"]
    return found


def _files(top: str, path: str) -> list[str]:
    place = f"{top}/{path}"
    if not os.path.isdir(place):  # noqa: PTH112 - of many
        return [place]
    return [f"{top}/{one}" for one in walk(Path(top), path)]
