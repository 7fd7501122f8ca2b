"""Files that a run holds: pictures to be looked at, all else to be kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import quote

from msgspec import Struct

from gitexp.git.trees import tree_entries
from gitexp.project import Project
from gitexp.store.selectors import UnknownRun, get_run
from gitexp.store.stored_run import StoredRun

_MAGIC = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_ENDINGS = {".png", ".jpg", ".jpeg", ".gif", ".webp"}
"""Pictures that hold nothing but dots; an SVG is a document with programs in it."""
_ALONE = "default-src 'none'; sandbox"
_REGULAR = "100"
_FIGURES = ".gitexp/figures"
"""Where a run has the pictures that it logged."""
_MOST_PICTURES = 200


class Served(Struct, frozen=True):
    """A file as it is answered with."""

    content: bytes
    kind: str
    headers: Mapping[str, str]


def pictures_of(project: Project, run: StoredRun) -> list[str]:
    """Return the paths of the pictures that a run wrote, or logged, and its commit holds."""
    named = [path for path in (*sorted(run.record.outputs), *_logged(run)) if is_picture(path)]
    files = _files(project, run) if named else {}
    return [path for path in named if path in files][:_MOST_PICTURES]


def others_of(run: StoredRun) -> list[str]:
    """Return the paths of what a run wrote, or logged, and is not shown but kept."""
    return [path for path in (*run.record.outputs, *_logged(run)) if not is_picture(path)]


def _logged(run: StoredRun) -> list[str]:
    return [f"{_FIGURES}/{name}" for name in run.record.figures.values()]


def is_picture(path: str) -> bool:
    """Return whether a file is a picture by its name."""
    return PurePosixPath(path.lower()).suffix in _ENDINGS


def file_of_run(project: Project, name: str, path: str) -> Served:
    """Return a file of a run's commit; what it is does not depend on its name.

    Raises UnknownRun if the run has no such file.
    """
    run = get_run(project.runs, name)
    content = content_of(project, run, path)
    if content is None:
        raise UnknownRun(f"run '{run.name}' has no file '{path}'")
    kind = _kind(content)
    headers = {"Content-Security-Policy": _ALONE, "X-Content-Type-Options": "nosniff"}
    if kind is None:
        named = quote(PurePosixPath(path).name, safe="", errors="replace")
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{named}"
    return Served(content, kind or "application/octet-stream", headers)


def content_of(project: Project, run: StoredRun, path: str) -> bytes | None:
    """Return the content of a file of a run's commit; None if it has no such file."""
    oid = _files(project, run).get(path)
    return project.repository.objects.blob(oid) if oid is not None else None


def _files(project: Project, run: StoredRun) -> dict[str, str]:
    """Return the oids of the plain files in a run's commit, as the project spells their paths."""
    entries = tree_entries(project.repository, run.oid)
    return {
        str(project.name(path)): entry.oid  # type: ignore[arg-type]
        for path, entry in entries.items()
        if entry.mode.startswith(_REGULAR)
    }


def _kind(content: bytes) -> str | None:
    """Return what picture a content is, if it is one."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), None)
