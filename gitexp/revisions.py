"""What a rev holds: a run by its record, any other commit by its files, the work tree as it is."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from gitexp.comparison.diff import Side
from gitexp.config import CONFIG_NAME, Config, parse_config
from gitexp.data.pipelines import PIPELINE_NAME, Pipeline, read_pipeline
from gitexp.data.pointers import Pointer, parse_dvc_file, parse_dvc_lock, stage_folders
from gitexp.errors import GitexpError
from gitexp.git.diffs import merge_base
from gitexp.git.trees import is_below, tree_entries
from gitexp.model.documents import parse_document
from gitexp.model.patterns import Patterns
from gitexp.model.record import DataPointer, Documents, Role, RunRecord
from gitexp.project import Project
from gitexp.store.reading import StoredRun
from gitexp.store.selectors import find_run, unknown

WORKSPACE = "workspace"

Read = Callable[[str], bytes | None]
"""Reads a file by its path from the top of the repository."""


@dataclass(frozen=True)
class Revision:
    """One side of a comparison."""

    side: Side
    oid: str | None
    """The commit; None for the work tree."""
    run: StoredRun | None = None

    @property
    def baseline(self) -> str | None:
        """The commit of the code's own history: a run's baseline, else the commit itself."""
        return self.run.record.baseline if self.run is not None else self.oid


def read_revision(project: Project, text: str) -> Revision:
    """Return what a selector names; raises UnknownRun for what names nothing."""
    if text == WORKSPACE:
        return Revision(_workspace_side(project), None)
    run = find_run(project.runs, text)
    if run is not None:
        return Revision(run_side(project, run), run.oid, run)
    oid = project.repository.objects.commit(text) if text and not text.startswith("-") else None
    if oid is None:
        raise unknown(project.runs, text, "run or rev")
    return Revision(commit_side(project, oid, text), oid)


def read_pair(project: Project, revs: tuple[str, ...]) -> tuple[Revision, Revision]:
    """Return the two sides that `A B`, `A..B`, `A...B`, `A` or nothing at all name."""
    assert len(revs) <= 2  # noqa: S101, PLR2004 - more are for read_several
    if len(revs) == 1 and ".." in revs[0]:
        old, dots, new = _split(revs[0])
        sides = read_revision(project, old or "HEAD"), read_revision(project, new or "HEAD")
        return (_fork(project, *sides), sides[1]) if dots == "..." else sides
    old, new = (*revs, *("HEAD", WORKSPACE)[len(revs) :]) if revs else ("HEAD", WORKSPACE)
    return read_revision(project, old), read_revision(project, new)


def read_several(
    project: Project, revs: Iterable[str], runs: Iterable[StoredRun] = ()
) -> tuple[Revision, ...]:
    """Return what selectors name, then runs, each but once; labels tell all of them apart."""
    named = list(revs)
    ranges = [text for text in named if ".." in text]
    if ranges:
        raise GitexpError(f"'{ranges[0]}' among several revs", hint="Give its two ends by name.")
    found = [
        *(read_revision(project, text) for text in named),
        *(Revision(run_side(project, run), run.oid, run) for run in runs),
    ]
    by_oid: dict[str | None, Revision] = {}
    for one in found:
        by_oid.setdefault(one.oid, one)
    once = list(by_oid.values())
    times = Counter(one.side.label for one in once)
    return tuple(_labelled(one) if times[one.side.label] > 1 else one for one in once)


def _labelled(one: Revision) -> Revision:
    """Add the id to a name that several runs share."""
    known = one.run.id if one.run is not None else one.oid
    return replace(one, side=replace(one.side, label=f"{one.side.label} ({known})"))


def _split(text: str) -> tuple[str, str, str]:
    dots = "..." if "..." in text else ".."
    old, _, new = text.partition(dots)
    return old, dots, new


def _fork(project: Project, old: Revision, new: Revision) -> Revision:
    """Return the merge base, a run's being its baseline's: runs have a history of their own."""
    ends = [
        one.baseline or project.repository.objects.commit("HEAD") or "HEAD" for one in (old, new)
    ]
    base = merge_base(project.repository, ends[0], ends[1])
    if base is None:
        raise GitexpError(f"'{old.side.label}' and '{new.side.label}' have no common ancestor")
    return Revision(commit_side(project, base, f"merge base {base[:10]}"), base)


def run_side(project: Project, run: StoredRun) -> Side:
    """Return the side of a run, from its record."""
    record = run.record
    return Side(
        label=record.name,
        params=record.params,
        metrics=record.metrics,
        pointers={pointer.path: pointer for pointer in record.pointers},
        environment=environment_of(project, run.oid, record),
    )


def environment_of(project: Project, oid: str, record: RunRecord) -> dict[str, str] | None:
    """Return the versions of packages that a run's commit holds, and of 'python'."""
    folder = f"{record.project}/" if record.project else ""
    content = project.repository.objects.blob(f"{oid}:{folder}.gitexp/environment.txt")
    if content is None:
        return None
    pairs = (line.partition("==") for line in content.decode().splitlines())
    found = {name: version for name, _, version in pairs}
    return {"python": record.python, **found} if record.python else found


def commit_side(project: Project, oid: str, label: str) -> Side:
    """Return the side of an ordinary commit, read as the configuration at that commit says."""
    objects = project.repository.objects
    folder = project.folder
    paths = [path for path in tree_entries(project.repository, oid) if is_below(folder, path)]

    def read(path: str) -> bytes | None:
        return objects.blob(f"{oid}:{path}")

    content = read(project.path(CONFIG_NAME))
    try:
        config = parse_config(content, project.path(CONFIG_NAME)) if content else Config()
    except GitexpError as error:
        raise GitexpError(f"{label}: {error}", hint=error.hint) from error
    return _side(project, config, label, paths, read)


def _workspace_side(project: Project) -> Side:
    top = project.repository.top

    def read(path: str) -> bytes | None:
        file = top / path
        return file.read_bytes() if file.is_file() else None

    place = f":(top,literal){project.folder}" if project.folder else ":/"
    options = ("--cached", "--others", "--exclude-standard", "-z")
    listed = project.repository.git("ls-files", *options, "--", place).split(b"\0")[:-1]
    paths = [os.fsdecode(path) for path in listed]
    return _side(project, project.config, WORKSPACE, paths, read)


def _side(project: Project, config: Config, label: str, paths: Iterable[str], read: Read) -> Side:
    listed = [path for path in paths if "/.dvc/" not in f"/{path}"]
    names = [project.name(path) for path in listed]
    renamed = {
        path: name
        for name, pattern in config.renamed_metrics.items()
        for path in _matching([pattern], names)[-1:]
    }
    pipeline = _pipeline(project, listed, read)
    stages = {project.name(path) for path in pipeline.metrics if project.holds(path)}
    metrics = {path: path for path in (*_matching(config.metrics, names), *sorted(stages))}
    params = (*config.params, *map(project.name, filter(project.holds, pipeline.params)))
    return Side(
        label=label,
        params=_documents(project, {name: name for name in params}, read, label),
        metrics=_documents(project, metrics | renamed, read, label),
        pointers=_pointers(project, config, listed, read, label),
        environment=None,
    )


def _pipeline(project: Project, paths: Iterable[str], read: Read) -> Pipeline:
    """Return what the project's `dvc.yaml` files name without templates."""
    pipeline = Pipeline()
    for path in paths:
        if path.rpartition("/")[2] == PIPELINE_NAME and project.holds(path):
            pipeline |= read_pipeline(read(path) or b"", path)
    return pipeline


def _matching(patterns: Iterable[str], names: list[str]) -> list[str]:
    found = []
    for pattern in patterns:
        if any(letter in pattern for letter in "*?["):
            spec = Patterns.anchored([pattern])
            found += sorted(name for name in names if spec.match(name))
        else:
            found.append(pattern)
    return found


def _documents(project: Project, wanted: Mapping[str, str], read: Read, label: str) -> Documents:
    found = {}
    for path, name in wanted.items():
        content = read(project.path(path))
        if content is not None:
            try:
                found[name] = parse_document(content, path)
            except GitexpError as error:
                raise GitexpError(f"{label}: {error}", hint=error.hint) from error
    return found


def _pointers(
    project: Project, config: Config, paths: Iterable[str], read: Read, label: str
) -> dict[str, DataPointer]:
    """Return what `.dvc` files point to, and what the stages of a pipeline wrote last."""
    found = {}
    models = Patterns(config.track)
    for path in paths:
        try:
            pointers = list(pointers_of(path, read))
        except GitexpError as error:
            raise GitexpError(f"{label}: {error}", hint=error.hint) from error
        for one in pointers:
            name = project.name(one.path)
            written = not path.endswith(".dvc") or models.match(name)
            role: Role = "output" if written else "input"
            found[name] = DataPointer(name, one.md5, one.size, one.nfiles, role)
    return found


def pointers_of(path: str, read: Read) -> Iterator[Pointer]:
    """Yield what a `.dvc` file points to, or what the stages of a `dvc.lock` wrote."""
    folder, _, name = path.rpartition("/")
    if path.endswith(".dvc"):
        yield from parse_dvc_file(read(path) or b"", path)
    elif name == "dvc.lock":
        pipeline = f"{folder}/dvc.yaml" if folder else "dvc.yaml"
        folders = stage_folders(read(pipeline) or b"", pipeline)
        listed = parse_dvc_lock(read(path) or b"", path, folders)
        yield from (pointer for pointer, role in listed if role == "out")
