"""What earlier runs left in the work tree, of which a run has only what it reads.

Where each run has a folder of its own, everything else would come along with every later run.
"""

from __future__ import annotations

import contextlib
import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property

from gitexp.data.ignore import size_of_lines
from gitexp.data.pipelines import LOCK_NAME, PIPELINE_NAME
from gitexp.execution.start.named import named_by, named_paths
from gitexp.execution.start.settling import recalled
from gitexp.execution.work_tree.files import signatures
from gitexp.execution.work_tree.settled import Settled, around, is_near, outermost_of_one
from gitexp.execution.work_tree.untracked import Untracked
from gitexp.git.trees import is_below
from gitexp.model.paths import ProjectPath
from gitexp.model.record import parse_time
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.revisions.links import above
from gitexp.revisions.roles import Declared
from gitexp.revisions.written_before import last_writers
from gitexp.settings.config import CONFIG_NAME

_SECOND = 1_000_000_000
_SETUP = frozenset({CONFIG_NAME, PIPELINE_NAME, LOCK_NAME, ".gitignore", ".dvcignore"})


class Earlier:
    """What tells the files of earlier runs apart that nothing says a command reads.

    Some are said to be read: by the command line or params, which name a file or the folder of
    one run, and by the settings and stages. What else it reads, only the end tells.
    """

    def __init__(self, project: Project, command: Collection[str]) -> None:
        self._project = project
        self._command = command

    @cached_property
    def settled(self) -> tuple[Settled, ...]:
        """Folders with such files alone, known since an earlier run."""
        return recalled(self._project, self._named)

    def drops(self, places: Iterable[str]) -> bool:
        """Have what is near the places looked at after all; return whether any was settled."""
        near = tuple(places)
        before = self.settled
        self.settled = tuple(
            one for one in before if not any(is_near(one.folder, path) for path in near)
        )
        return len(self.settled) < len(before)

    @cached_property
    def _named(self) -> frozenset[str]:
        return named_paths(self._project, self._command, _params(self._project))

    def __call__(self, untracked: Untracked, /) -> Collection[str]:
        """Return the files among those that are untracked."""
        project, command = self._project, self._command
        wrote = last_writers(project, untracked.signatures) if untracked.signatures else {}
        if not wrote:
            return ()
        is_kept = _kept(project, Declared(project, project.pipeline))
        theirs = {path: run for path, run in wrote.items() if not is_kept(path)}
        if not theirs:
            return ()
        named = self._named.difference(around(self.settled))  # several runs put their folders there
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


class LeftBehind:
    """What tells the folders of earlier runs from a work tree that is recorded as it stands.

    Nobody knows what was read. So these are only folders beside one another, each with what
    another run wrote and nothing that was written since; that of the last run is in.
    """

    settled: tuple[Settled, ...] = ()

    def __init__(self, project: Project) -> None:
        self._project = project

    def drops(self, _: Iterable[str]) -> bool:
        """Return that all is looked at."""
        return False

    def __call__(self, untracked: Untracked, /) -> Collection[str]:
        """Return the files among those that are untracked."""
        project, found = self._project, untracked.signatures
        wrote = last_writers(project, found) if found else {}
        is_kept = _kept(project, Declared(project, project.pipeline))
        theirs = {path: run for path, run in wrote.items() if not is_kept(path)}
        ours = {*theirs, *_ignore_files(untracked, theirs)}
        owners = outermost_of_one(theirs, (path for path in found if path not in ours), ("",))
        last = max(wrote.values(), default=0)
        own = {folder: run for folder, run in owners.items() if folder in _own(owners)}
        ends = self._ends(sorted({*own.values()} - {last}))
        out = {
            folder
            for folder, run in own.items()
            if run in ends and not self._written_since(folder, theirs, ends[run])
        }
        return [path for path in found if path in ours and not out.isdisjoint(above(path))]

    def _ends(self, positions: list[int]) -> dict[int, int]:
        """Return when runs ended, in ns."""
        ends: dict[int, int] = {}
        for position, run in zip(positions, self._project.runs.index.at(positions), strict=True):
            with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
                ends[position] = int(parse_time(run.record.ended).timestamp() + 1) * _SECOND
        return ends

    def _written_since(self, folder: str, paths: Iterable[str], end: int) -> bool:
        inside = {path.removesuffix(".dvc") for path in paths if is_below(folder, path)}
        now = signatures(self._project.repository.top, inside)
        return any(one[0] > end for one in now.values())


def left_for_copies(project: Project, untracked: Untracked) -> list[str]:
    """Return what a copy of the work tree has to hold of earlier runs: nobody knows what is read.

    It does without the folders in which each run puts its outputs: all their models would be
    copied. What of them a command names is in the snapshot already.
    """
    wrote = last_writers(project, untracked.earlier) if untracked.earlier else {}
    owners: dict[str, object] = {one.folder: one.run for one in untracked.settled}
    owners |= outermost_of_one(wrote, [f"{folder}/" for folder in owners], ("",))
    own = _own(owners)
    left = (*untracked.earlier, *(path for one in untracked.settled for path in one.files))
    return [path for path in left if own.isdisjoint(above(path))]


def _own(owners: Mapping[str, object]) -> set[str]:
    """Return the folders that lie beside those of other runs."""
    beside: dict[str, set[object]] = defaultdict(set)
    for folder, run in owners.items():
        beside[folder.rpartition("/")[0]].add(run)
    places = {place for place, runs in beside.items() if place and len(runs) > 1}
    return {folder for folder in owners if folder.rpartition("/")[0] in places}
