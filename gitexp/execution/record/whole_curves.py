"""Curves that are too long for git: whole behind pointers, thinned in the commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from gitexp.execution.record.net import attempt
from gitexp.execution.record.outputs import Outputs
from gitexp.execution.record.tree import RunTree
from gitexp.execution.stages import Started
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.pointers.models import store_contents
from gitexp.revisions.series_files import WHOLE
from gitexp.series.series import Series
from gitexp.series.thinning import thinned_tables


def thinned(
    started: Started,
    outputs: Outputs,
    tree: RunTree,
    series: Mapping[str, Series],
    tables: dict[str, bytes],
) -> dict[str, bytes]:
    """Return thinned tables, once the whole ones lie in DVC's cache; else these themselves."""
    project, most = started.project, started.project.config.max_series
    contents: dict[str, bytes] = {
        project.path(ProjectPath(f"{WHOLE}/{name}")): content for name, content in tables.items()
    }
    if taken := _taken(started, outputs, contents):
        started.tell(f"note: '{taken}' is a file of the project: long curves stay in git whole")
        return tables
    lost = "curves stay in git whole"
    stored = attempt(started.tell, lost, lambda: store_contents(project, contents), None)
    if stored is None:
        return tables
    for text in stored.warnings:
        started.tell(f"warning: {text}")
    if len(stored.pointers) < len(contents):
        return tables
    tree.put(stored.files)
    tree.ignore(stored.ignored)
    outputs.stored.pointers += stored.pointers
    size = sum(map(len, tables.values()))
    started.tell(
        f"note: the curves are larger than `series: max` ({size / 1000:,.0f} kB): whole behind "
        f"the pointers in '{WHOLE}/', thinned in git"
    )
    found = thinned_tables(series, most, size)
    return {name: text.encode() for name, text in found.items()}


def _taken(started: Started, outputs: Outputs, paths: Iterable[str]) -> str | None:
    """Return a file of the project's own that is in the way of these paths, or a tracked folder."""
    entries = started.snapshot.entries
    for path in map(Path, paths):
        folders = [TopPath(str(one)) for one in path.parents]
        for way in (TopPath(str(path)), *folders):
            if way in entries or way in outputs.added:
                return way
        for folder in folders:
            if (pointer := TopPath(f"{folder}.dvc")) in entries:
                return pointer
    return None
