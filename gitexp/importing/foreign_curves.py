"""The curves of a run that another tool made, as files of its tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath

from msgspec import Struct, to_builtins

from gitexp.data.ignore import with_ignored
from gitexp.git.trees import Entries
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.model.record import LARGEST_METRICS, DataPointer
from gitexp.model.values import dumps
from gitexp.pointers.stored import ignore_file
from gitexp.project import Project
from gitexp.revisions.series_files import SERIES_FOLDER, WHOLE
from gitexp.series.series import Series
from gitexp.series.tables import without_scattered, write_tables
from gitexp.series.thinning import thinned_tables


class Curves(Struct, frozen=True):
    """What becomes of the curves of a run."""

    files: Mapping[str, bytes] = {}
    """New contents by path from the top."""
    pointers: tuple[DataPointer, ...] = ()
    """Whole tables that are too long for git."""
    summaries: Mapping[str, Mapping[str, object]] = {}
    problems: tuple[str, ...] = ()


def curves_of(
    project: Project,
    curves: Iterable[Series],
    entries: Callable[[], Entries],
    *,
    may_write: bool,
) -> Curves:
    """Return the curves as a tree will have them that holds `entries` now.

    Long ones go into DVC's cache. Raises GitexpError for a configuration that DVC cannot read,
    OSError for a full disk.
    """
    every = {one.key: one for one in curves}
    if not every:
        return Curves()
    kept = without_scattered(every)
    problems: list[str] = []
    if len(kept) < len(every):
        problems.append(
            f"{len(every) - len(kept)} curves have hardly a step in common with others: "
            "only their last values are here"
        )
    summaries = {key: to_builtins(one.summary) for key, one in kept.items()}
    if len(dumps(summaries)) > LARGEST_METRICS:
        problems.append("it has so many curves that queries do not know them")
        summaries = {}
    tables = {name: text.encode() for name, text in write_tables(kept).items()}
    files: dict[str, bytes] = {}
    pointers: tuple[DataPointer, ...] = ()
    size = sum(map(len, tables.values()))
    if size > project.config.max_series:
        whole: dict[str, bytes] = {
            project.path(ProjectPath(f"{WHOLE}/{one}")): tables[one] for one in tables
        }
        there = entries()
        if _is_taken(there, whole):
            problems.append(f"'{WHOLE}' is the project's own: long curves stay in git whole")
        elif may_write:
            files, pointers = _behind_pointers(project, whole, there)
            thin = thinned_tables(kept, project.config.max_series, size)
            tables = {name: text.encode() for name, text in thin.items()}
    folder = project.path(ProjectPath(SERIES_FOLDER))
    files |= {f"{folder}/{name}": content for name, content in tables.items()}
    return Curves(files, pointers, summaries, tuple(problems))


def _is_taken(entries: Entries, paths: Iterable[str]) -> bool:
    for path in paths:
        folders = [str(one) for one in PurePosixPath(path).parents if str(one) != "."]
        if any(one in entries or f"{one}.dvc" in entries for one in (path, *folders)):
            return True
    return False


def _behind_pointers(
    project: Project, tables: Mapping[str, bytes], entries: Entries
) -> tuple[dict[str, bytes], tuple[DataPointer, ...]]:
    from gitexp.pointers.models import store_contents  # noqa: PLC0415 - 25 ms with DVC's cache, where curves are long

    stored = store_contents(project, tables)
    files = dict(stored.files)
    for path in stored.ignored:
        name = ignore_file(path)
        before = files.get(name)
        if before is None and name in entries:
            before = project.repository.objects.blob(entries[name].oid)
        files[name] = with_ignored(before, PurePosixPath(path).name)
    found = (
        DataPointer(project.name(TopPath(one.path)), one.md5, one.size, one.nfiles, "output")
        for one in stored.pointers
    )
    return files, tuple(found)
