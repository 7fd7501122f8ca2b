"""Pictures that runs made, to be seen beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitexp.gallery.asked import Subject
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.plots.chart import Image, Images
from gitexp.project import Project
from gitexp.revisions.reading import Reading

LARGEST = 3_000_000
"""Bytes of a picture that is still put into a page."""
_MOST = 40
_BY_NAME: Mapping[str, str] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
_BY_START = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
)


def media_type(path: str, content: bytes) -> str | None:
    """Return what a picture is, if its name and its first bytes agree on it; SVG has only a name.

    In a page it stands in an `img`, where an SVG neither runs scripts nor loads anything.

    >>> media_type("a.png", b"GIF89a"), media_type("a.svg", b"<svg/>")
    (None, 'image/svg+xml')
    """
    named = _BY_NAME.get(path[path.rfind(".") :].lower()) if "." in path else None
    if named == "image/svg+xml":
        return named if b"<svg" in content else None
    begun = next((kind for start, kind in _BY_START if content.startswith(start)), None)
    return named if named == begun else None


def images_of(project: Project, subjects: Sequence[Subject]) -> list[Images]:
    """Return the pictures of runs by their path, those of all runs that have it together."""
    paths: dict[str, None] = {}
    for one in subjects:
        paths |= dict.fromkeys(filter(_is_picture, _results(project, one)))
    return [found for path in [*paths][:_MOST] if (found := _images(project, subjects, path))]


def _results(project: Project, one: Subject) -> list[str]:
    """Return what a run wrote, and of a commit what is declared to be written."""
    if one.run is not None:
        return sorted(one.run.record.outputs)
    revision = one.revision(project)
    declared = Reading(project, revision).declared
    paths = filter(_is_picture, revision.paths)
    return sorted(project.name(TopPath(path)) for path in paths if declared.is_output(path))


def _is_picture(path: str) -> bool:
    return path[path.rfind(".") :].lower() in _BY_NAME


def _images(project: Project, subjects: Sequence[Subject], path: str) -> Images | None:
    found, large = [], []
    for one in subjects:
        content = _content(project, one, path)
        kind = media_type(path, content) if content else None
        if content and kind and len(content) <= LARGEST:
            found.append(Image(one.label, kind, content))
        elif content and kind:
            large.append(one.label)
    note = f"too large for a page: that of {', '.join(large)}" if large else ""
    return Images(path, tuple(found), note) if found else None


def _content(project: Project, one: Subject, path: str) -> bytes | None:
    place = project.path(ProjectPath(path))
    if one.oid is None:
        return one.revision(project).read(place)
    return project.repository.objects.blob(f"{one.oid}:{place}")
