"""Pieces of a comment, cut from the least important one on until all of them fit."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from gitexp.model.numbers import counted


class Part(Struct, frozen=True):
    """A piece of the comment whose lines may be left out from the end."""

    name: str
    """What it is called if some of it is left out; plain words."""
    lines: tuple[str, ...]
    head: str = ""
    foot: str = ""
    rank: int = 0
    """The higher, the sooner it is cut; 0 for never."""
    whole: bool = False
    """Whether it makes no sense with fewer lines."""
    left_out: int = 0

    @property
    def text(self) -> str:
        """The part as it stands in the comment."""
        more = f"\n\n… and {self.left_out} more" if self.left_out and self.lines else ""
        body = "\n".join(self.lines) + more
        if self.left_out and not self.lines:
            body = f"{counted(self.left_out, 'line')} left out"
            return f"**{self.name.capitalize()}**: {body}"
        return f"{self.head}{body}{self.foot}"

    @property
    def size(self) -> int:
        """How long it is, with what stands between it and the next."""
        return len(self.text.encode()) + 2

    def kept(self, lines: int) -> Part:
        """Return the part with at most this many lines."""
        if len(self.lines) <= lines:
            return self
        return replace(self, lines=self.lines[:lines], left_out=len(self.lines) - lines)


def fitted(parts: Sequence[Part], most: int) -> tuple[list[Part], list[str]]:
    """Cut parts from the least important one on until all of them fit."""
    found, cut = list(parts), []
    for at in sorted(range(len(found)), key=lambda place: -found[place].rank):
        over = sum(part.size for part in found) - most
        if over <= 0 or not found[at].rank:
            break
        cut.append(found[at].name)
        found[at] = _shorter(found[at], over)
    return found, cut


def _shorter(part: Part, by: int) -> Part:
    """Return a part that is shorter by this many bytes, or as short as it can be."""
    total = len(part.lines) + part.left_out
    wanted = part.size - by
    low, high = 0, 0 if part.whole else len(part.lines)
    while low < high:
        middle = (low + high + 1) // 2
        trial = replace(part, lines=part.lines[:middle], left_out=total - middle)
        low, high = (middle, high) if trial.size <= wanted else (low, middle - 1)
    return replace(part, lines=part.lines[:low], left_out=total - low)
