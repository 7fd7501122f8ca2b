"""DVC pipelines in a run: what their stages declare, and what of it is this run's result."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gitexp.data.pipelines import lock_of
from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.execution.record.net import attempt
from gitexp.execution.stages import NOTHING, Reproduced
from gitexp.execution.work_tree.files import signatures
from gitexp.git.tree_entries import has_below
from gitexp.git.trees import is_below
from gitexp.model.command.text import is_shell_line
from gitexp.pointers.roots import root_of
from gitexp.revisions.pipeline_files import pipeline_files
from gitexp.revisions.roles import Declared

if TYPE_CHECKING:
    from gitexp.data.stages import Stages
    from gitexp.execution.stages import Started


def is_repro(command: Sequence[str]) -> bool:
    """Return whether a command reproduces a DVC pipeline.

    >>> is_repro(["dvc", "repro"]), is_repro(["cd sub && dvc repro -f"]), is_repro(["dvc", "push"])
    (True, True, False)
    """
    try:
        words = shlex.split(command[0]) if is_shell_line(command) else list(command)
    except ValueError:  # an open quote: the shell will say so
        return False
    names = [PurePosixPath(word).name for word in words]
    return any(pair == ("dvc", "repro") for pair in itertools.pairwise(names))


def resolved(started: Started) -> Started:
    """Ask DVC what templates and `foreach` stand for; warn about what it cannot read.

    For a command that reproduces a pipeline DVC is asked in any case: it will be again.
    """
    lost = "what the pipeline declares is not known"
    return attempt(started.tell, lost, lambda: _resolved(started), started)


def _resolved(started: Started) -> Started:
    pipeline = started.declared.pipeline
    if pipeline.is_whole and not (pipeline.outs and is_repro(started.plan.command)):
        return started
    stages = _stages(started, check=False)
    if stages is None:
        return started
    whole = replace(pipeline | stages.pipeline, is_whole=True)
    declared = Declared(started.project, whole).through(started.links.inside)
    return replace(started, declared=declared)


def reproduced(started: Started) -> Reproduced:
    """Return what stands behind `dvc.lock` after a command that reproduced a pipeline.

    That is `dvc repro`, or a command that left a `dvc.lock` other than the one there was.
    """
    if is_repro(started.plan.command) or _is_lock_new(started):
        return vouched_for(started)
    return NOTHING


def vouched_for(started: Started) -> Reproduced:
    """Return what `dvc.lock` and the work tree agree on."""
    lost = "what dvc.lock says is not recorded"
    return attempt(started.tell, lost, lambda: _vouched_for(started), NOTHING)


def _vouched_for(started: Started) -> Reproduced:
    has_outs = bool(started.declared.pipeline.outs)
    stages = _stages(started, check=True) if has_outs else None
    if stages is None:
        return NOTHING
    pipeline = stages.pipeline
    current = [stage for stage in stages.stages if stage.is_current]
    outs = [out for stage in current for out in stage.outs]
    sound = {out.path for stage in stages.confirmed() for out in stage.outs}
    return Reproduced(
        deps=tuple(dep for stage in current for dep in stage.deps if _is_data(started, dep)),
        outs=tuple(out for out in outs if out.path in pipeline.cached),
        confirmed=frozenset(
            path
            for path in {*pipeline.metrics, *pipeline.plots, *started.declared.params_paths}
            if pipeline.out_of(path) in sound
        ),
    )


def _stages(started: Started, *, check: bool) -> Stages | None:
    from gitexp.data.stages import read_stages  # noqa: PLC0415 - 25 ms, leads to DVC, another 150 ms

    project = started.project
    by_root: dict[Path, list[str]] = {}
    for path in pipeline_files(project, started.snapshot.entries):
        root = root_of(project, path)
        if root is not None and _is_there(started, path):
            by_root.setdefault(root, []).append(path)
    found: Stages | None = None
    for root, files in by_root.items():
        try:
            stages = read_stages(root, project.repository.top, files, check=check)
        except GitexpError as error:
            if not check:
                started.tell(f"warning: {error}")
            continue
        found = stages if found is None else found | stages
    return found


def _is_there(started: Started, path: str) -> bool:
    return (started.project.repository.top / path).is_file()


def _is_lock_new(started: Started) -> bool:
    files = pipeline_files(started.project, started.snapshot.entries)
    locks = [lock_of(path) for path in files]
    now = signatures(started.project.repository.top, locks)
    return any(started.is_written(path, found) for path, found in now.items())


def _is_data(started: Started, dep: Pointer) -> bool:
    """Return whether a dependency is data of its own: not code in git, and not a stage's out."""
    pipeline = started.declared.pipeline
    if pipeline.out_of(dep.path) or any(is_below(dep.path, out) for out in pipeline.outs):
        return False
    behind = (one.pointer.path for one in started.watched)
    if any(is_below(path, dep.path) for path in behind):
        return False
    return not has_below(started.snapshot.entries, dep.path)
