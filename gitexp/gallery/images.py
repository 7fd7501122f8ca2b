"""Pictures that runs made, to be seen beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitexp.errors import GitexpError
from gitexp.gallery.asked import Subject
from gitexp.gallery.behind import content_behind
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.plots.chart import Image, Images
from gitexp.project import Project
from gitexp.revisions.reading import Reading

LARGEST = 3_000_000
"""Bytes of a picture that is still put into a page."""
_MOST = 40
_FIGURES = ".gitexp/figures"
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
    """Return the pictures of runs by their path, those of all runs that have it together.

    What a script logged as a figure goes by the name that it gave.
    """
    files = [_files(project, one) for one in subjects]
    titles = [*dict.fromkeys(title for found in files for title in found)][:_MOST]
    pairs = list(zip(subjects, files, strict=True))
    made = (
        _images(project, title, [(one, found.get(title)) for one, found in pairs])
        for title in titles
    )
    return [one for one in made if one is not None]


def _files(project: Project, one: Subject) -> dict[str, str]:
    """Return the pictures that a run made, or that a commit declares, with their paths."""
    if one.run is not None:
        record = one.run.record
        logged = {name: f"{_FIGURES}/{file}" for name, file in record.figures.items()}
        paths = sorted(record.outputs)
    else:
        revision = one.revision(project)
        declared, logged = Reading(project, revision).declared, {}
        named = filter(_is_picture, revision.paths)
        paths = sorted(project.name(TopPath(path)) for path in named if declared.is_output(path))
    found = {path: path for path in paths} | logged
    return {title: path for title, path in found.items() if _is_picture(path)}


def _is_picture(path: str) -> bool:
    return path[path.rfind(".") :].lower() in _BY_NAME


def _images(
    project: Project, title: str, files: Sequence[tuple[Subject, str | None]]
) -> Images | None:
    found, large = [], []
    for one, path in files:
        content = _content(project, one, path) if path is not None else None
        kind = media_type(path or "", content) if content else None
        if content and kind and len(content) <= LARGEST:
            found.append(Image(one.label, kind, content))
        elif content and kind:
            large.append(one.label)
    note = f"too large for a page: that of {', '.join(large)}" if large else ""
    return Images(title, tuple(found), note) if found else None


def _content(project: Project, one: Subject, path: str) -> bytes | None:
    place = project.path(ProjectPath(path))
    if one.oid is None:
        return one.revision(project).read(place)
    content = project.repository.objects.blob(f"{one.oid}:{place}")
    if content is not None:
        return content
    try:
        return content_behind(project, one.revision(project), place, LARGEST)
    except GitexpError:  # neither here nor on the remote
        return None
