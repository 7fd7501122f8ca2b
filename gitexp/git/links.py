"""Where a path leads when the symbolic links on its way are followed, one by one.

Nothing is followed out of the repository: where such a path leads is said, not looked at.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from gitexp.model.paths import TopPath

_MOST = 40
"""Links on one way, as for Linux itself: more of them are a loop."""

TargetOf = Callable[[str], "str | None"]
"""Returns what a link says, by its path from the top; None for anything else."""


class Lead(Struct, frozen=True):
    """Where a path leads; its paths are from the top of the repository."""

    path: TopPath
    """The place itself; that of the last link if it leads nowhere in the repository."""
    links: tuple[str, ...] = ()
    """The links on the way, in their order."""
    outside: str = ""
    """The absolute path that it leads to, if that is outside of the repository."""
    is_loop: bool = False

    @property
    def is_inside(self) -> bool:
        """Whether it leads to a place in the repository, be there something or not."""
        return not (self.outside or self.is_loop)


def follow(path: str, target_of: TargetOf, top: str) -> Lead:
    """Follow the links among a path's folders, and the path if it is one; `top` is absolute.

    >>> links = {"params.yaml": "conf/small.yaml", "conf": "configs"}
    >>> follow("params.yaml", links.get, "/p").path
    'configs/small.yaml'
    """
    way = _Way(path, top)
    if path.startswith("/"):  # as settings may name one
        way.todo = []
        way.jump(path)
    while way.todo and way.end is None:
        part = way.todo.pop()
        if part == ".." and way.at:
            way.at.pop()
        elif part == "..":
            way.jump("..")
        elif part not in ("", "."):
            way.step(part, target_of)
    return way.end or Lead(TopPath("/".join(way.at)), tuple(way.links))


class _Way:
    """How far a path has been followed."""

    def __init__(self, path: str, top: str) -> None:
        self._path, self._top = path, top
        self.at: list[str] = []
        self.todo = path.split("/")[::-1]
        """The parts still to go, the next one last."""
        self.links: list[str] = []
        self.end: Lead | None = None

    def step(self, part: str, target_of: TargetOf) -> None:
        """Go to a file or folder; from a link, on to what it says."""
        place = "/".join((*self.at, part))
        target = target_of(place)
        if target is None:
            self.at.append(part)
        elif len(self.links) == _MOST:
            self.end = Lead(TopPath(self.links[0]), tuple(self.links), is_loop=True)
        else:
            self.links.append(place)
            if target.startswith("/"):
                self.jump(target)
            else:
                self.todo += target.split("/")[::-1]

    def jump(self, target: str) -> None:
        """Go on from the root, or from above the top."""
        whole = "/".join((target, *reversed(self.todo)))
        absolute = posixpath.normpath(posixpath.join(self._top, whole))
        if is_within(absolute, self._top):
            self.at, self.todo = [], posixpath.relpath(absolute, self._top).split("/")[::-1]
        else:
            last = self.links[-1] if self.links else self._path
            self.end = Lead(TopPath(last), tuple(self.links), outside=absolute)


def is_within(path: str, folder: str) -> bool:
    """Return whether an absolute path is a folder, or lies in it.

    >>> is_within("/p/a", "/p"), is_within("/pa", "/p")
    (True, False)
    """
    return f"{path}/".startswith(f"{folder.rstrip('/')}/")


def follow_on_disk(top: Path, path: str) -> Lead:
    """Follow the links of a work tree; a way out of it that leads back is one inside."""
    text = os.fspath(top)

    def target_of(place: str) -> str | None:
        try:
            return os.readlink(f"{text}/{place}")  # noqa: PTH115 - a Path drops `..`
        except OSError:
            return None

    lead = follow(path, target_of, text)
    if not lead.outside:
        return lead
    real = os.path.realpath(lead.outside)
    if not is_within(real, text):
        return Lead(lead.path, lead.links, outside=lead.outside)
    return Lead(TopPath(posixpath.relpath(real, text)), lead.links)
