"""Files that a script named with `gitexp.artifact`, behind pointers like models."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from gitexp.execution.record.net import attempt
from gitexp.execution.record.outputs import Outputs
from gitexp.execution.record.tree import RunTree
from gitexp.execution.secrets.guard import without_secrets
from gitexp.execution.stages import Started
from gitexp.model.paths import TopPath
from gitexp.pointers.models import store_outputs

_LOOKED_AT = 5_000_000
"""Bytes up to which a file is looked through for secrets, as those are that git takes."""


def put_artifacts(
    started: Started, outputs: Outputs, tree: RunTree, named: Iterable[str]
) -> tuple[str, ...]:
    """Put what was named where models are, unless it is in git or behind a pointer already.

    What of it is recorded is returned.
    """
    found = list(_found(started, named))
    _put(started, outputs, tree, [*_lacking(started, outputs, found)])
    return tuple(path for path in found if outputs.holds(path))


def _put(started: Started, outputs: Outputs, tree: RunTree, wanted: list[str]) -> None:
    if not wanted:
        return
    lost = "what `gitexp.artifact` names is not recorded"
    stored = attempt(started.tell, lost, lambda: store_outputs(started.project, wanted), None)
    if stored is None:
        return
    for text in (*(f"note: {one}" for one in stored.notes), *_warned(stored.warnings)):
        started.tell(text)
    tree.remove_below(wanted)
    tree.put(stored.files)
    tree.ignore(stored.ignored)
    outputs.stored.pointers += stored.pointers


def _warned(warnings: Iterable[str]) -> Iterator[str]:
    return (f"warning: {text}" for text in warnings)


def _found(started: Started, named: Iterable[str]) -> Iterator[TopPath]:
    """Yield what was named and is there, from the top; say what may not be recorded."""
    project, tell = started.project, started.tell
    top = os.path.realpath(project.repository.top)
    for one in named:
        if "\0" in one:
            tell("note: an artifact has a NUL in its path: not recorded")
            continue
        place = Path(os.path.realpath(one))
        if not place.is_relative_to(top) or place == Path(top):
            tell(f"note: artifact '{one}' lies outside of the repository: not recorded")
            continue
        path = TopPath(place.relative_to(top).as_posix())
        if not project.holds(path):
            tell(f"note: artifact '{path}' lies outside of the project: not recorded")
        elif not place.exists():
            tell(f"note: artifact '{path}' is not there: not recorded")
        else:
            yield path


def _lacking(started: Started, outputs: Outputs, paths: Iterable[TopPath]) -> Iterator[str]:
    """Yield what neither git nor a pointer has, but for secrets."""
    top = Path(os.path.realpath(started.project.repository.top))
    for path in paths:
        if not outputs.holds(path) and path not in started.snapshot.entries:
            place = top / path
            is_small = place.is_file() and place.stat().st_size <= _LOOKED_AT
            yield from without_secrets(top, [path], started.tell) if is_small else [path]
