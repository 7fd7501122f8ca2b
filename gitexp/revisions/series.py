"""The curves of a revision or a run, whatever wrote them down."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from gitexp.errors import GitexpError
from gitexp.git.trees import tree_entries
from gitexp.metrics.curves import joined_curves, may_hold_curves, read_curves
from gitexp.model.paths import TopPath
from gitexp.model.system import in_order
from gitexp.project import Project
from gitexp.revisions.revision import Read, Revision
from gitexp.revisions.roles import Declared
from gitexp.revisions.series_files import SERIES_FOLDER, SYSTEM, tells_curves
from gitexp.series.columns import read_columns
from gitexp.series.series import Series
from gitexp.series.tables import ENDING, family, read_tables
from gitexp.store.stored_run import StoredRun

_LOOKED_INTO = 20
"""How many files of a run are looked into for curves that nobody asked for."""


def series_of(project: Project, revision: Revision) -> dict[str, Series]:
    """Return all curves of a revision by key: a commit, what is staged, or the work tree.

    For a run they are those that it has itself, see `series_of_run`. Of any other revision, they
    are those in its metrics files and in what DVCLive and others log, as they are. What cannot be
    read is left out.
    """
    if revision.run is not None:
        return series_of_run(project, revision.run)
    declared = Declared(project, project.pipeline)
    return _in_files(project, revision.read, _telling(declared, revision.paths))


def series_of_run(project: Project, run: StoredRun) -> dict[str, Series]:
    """Return all curves of a run by key: those that it logged, then those in files that it wrote.

    Where a series was too long for git, it is the thinned one. Raises UnreadableRecord.
    """
    folder = _folder(run)
    own = (
        _logged(project, f"{run.oid}:{folder}{SERIES_FOLDER}")
        if run.record.series or run.record.system
        else {}
    )
    found = series_in_files(project, run)
    return {**own, **{key: one for key, one in found.items() if key not in own}}


def series_in_files(project: Project, run: StoredRun) -> dict[str, Series]:
    """Return the curves in files that a run wrote, without those that it logged."""
    objects, folder = project.repository.objects, _folder(run)

    def read(path: str) -> bytes | None:
        return objects.blob(f"{run.oid}:{path}")

    written = [TopPath(f"{folder}{name}") for name in run.record.outputs]
    declared = Declared(project, project.pipeline)
    return _in_files(project, read, _telling(declared, written), folder)


def unnamed_curves(project: Project, run: StoredRun) -> str | None:
    """Return a file of a run that has curves and that the settings do not name, if there is one."""
    objects, folder = project.repository.objects, _folder(run)
    declared = Declared(project, project.pipeline)
    paths = (TopPath(f"{folder}{name}") for name in run.record.outputs)
    likely = (one for one in paths if may_hold_curves(one) and not tells_curves(declared, one))
    for path in islice(likely, _LOOKED_INTO):
        name = path.removeprefix(folder)
        if _in_file(lambda path: objects.blob(f"{run.oid}:{path}"), path, name):
            return name
    return None


def logged_keys(project: Project, run: StoredRun) -> list[str]:
    """Return the keys of the curves that a run logged, and of what it used if that was kept."""
    used = [f"{SYSTEM}/{name}" for name in in_order(run.record.system)]
    has_used = bool(used) and project.repository.objects.read(_table(run, used[0])) is not None
    return [*run.record.series, *(used if has_used else ())]


def logged_counts(run: StoredRun) -> dict[str, int]:
    """Return how many points a run logged of each curve, of which long ones are kept thinned."""
    counts = {key: one.get("count") for key, one in run.record.series.items()}
    return {key: one for key, one in counts.items() if isinstance(one, int)}


def has_logged(run: StoredRun, key: str) -> bool:
    """Return whether a curve may be one of these."""
    return key in run.record.series or key.startswith(f"{SYSTEM}/")


def logged_family(project: Project, run: StoredRun, key: str) -> dict[str, Series]:
    """Return one of these curves, with those of its family, by key; without their times."""
    content = project.repository.objects.blob(_table(run, key))
    return read_columns(content.decode(errors="replace")) if content is not None else {}


def _table(run: StoredRun, key: str) -> str:
    return f"{run.oid}:{_folder(run)}{SERIES_FOLDER}/{family(key)}{ENDING}"


def _folder(run: StoredRun) -> str:
    return f"{run.project}/" if run.project else ""


def _logged(project: Project, tree: str) -> dict[str, Series]:
    repository = project.repository
    found = repository.objects.read(tree)
    if found is None or found.kind != "tree":
        return {}
    names = [name for name in tree_entries(repository, tree) if name.endswith(ENDING)]
    contents = {name: repository.objects.blob(f"{tree}/{name}") for name in names}
    texts = {name: (one or b"").decode(errors="replace") for name, one in contents.items()}
    return read_tables(texts)


def _telling(declared: Declared, paths: Iterable[TopPath]) -> list[TopPath]:
    return [path for path in paths if tells_curves(declared, path)]


def _in_files(
    project: Project, read: Read, paths: Iterable[TopPath], folder: str | None = None
) -> dict[str, Series]:
    files: dict[str, dict[str, Series]] = {}
    for path in paths:
        name = project.name(path) if folder is None else path.removeprefix(folder)
        if curves := _in_file(read, path, name):
            files[name] = curves
    return joined_curves(files)


def _in_file(read: Read, path: str, name: str) -> dict[str, Series]:
    try:
        content = read(path)
        return read_curves(content, name) if content is not None else {}
    except (GitexpError, OSError):
        return {}
