"""How modules hang together: rooms, floors, arrows that run up, circles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from benchmarks.source import Package

Arrow = tuple[str, str]
"""From what imports to what is imported."""

FRONT = "__init__"
"""The room of a folder's own `__init__.py`, where that has something in it."""


@dataclass(frozen=True)
class Folder:
    """The rooms of one folder: its modules, and the folders in it with all that they hold."""

    name: str
    rooms: frozenset[str]
    arrows: frozenset[Arrow]

    @property
    def circles(self) -> list[frozenset[str]]:
        """The rooms that import each other in a circle."""
        return circles(self.rooms, self.arrows)

    @property
    def up(self) -> list[Arrow]:
        """The arrows that run up.

        These are the arrows into the folder's own front, which stands above what it offers,
        and the fewest others that have to go until nothing runs in a circle: one by one, the
        arrow without which the fewest rooms are in circles.
        """
        into_front = {arrow for arrow in self.arrows if arrow[1] == FRONT}
        return sorted(into_front) + list(_cut(self.rooms, self.arrows - into_front))

    @property
    def floors(self) -> int:
        """How many rooms stand one upon the other, by the arrows that run down."""
        return _height(self.rooms, self.arrows - set(self.up))


def folders(package: Package) -> list[Folder]:
    """Return the package and all folders in it, each with its own rooms."""
    names = {module.name for module in package.modules if module.is_init} | {package.name}
    bare = {module.name for module in package.modules if module.is_bare}
    return [_folder(name, package, bare) for name in sorted(names)]


def _folder(name: str, package: Package, bare: set[str]) -> Folder:
    places = {module.name: room(module.name, name) for module in package.modules}
    arrows = {(places[start], places[end]) for start, end in package.arrows}
    inside = frozenset((a, b) for a, b in arrows if a and b and a != b)
    rooms = frozenset(place for one, place in places.items() if place and one not in {name} & bare)
    return Folder(name, rooms | {place for arrow in inside for place in arrow}, inside)


def room(module: str, folder: str) -> str:
    """Return the room of a folder that a module is in, or nothing if it is elsewhere.

    >>> room("gitexp.git.refs", "gitexp"), room("gitexp", "gitexp"), room("gitexp", "gitexp.git")
    ('git', '__init__', '')
    """
    if module == folder:
        return FRONT
    inner = module.removeprefix(f"{folder}.")
    return "" if inner == module else inner.partition(".")[0]


def circles(nodes: Iterable[str], arrows: Collection[Arrow]) -> list[frozenset[str]]:
    """Return the largest groups in which each reaches each other, largest first.

    >>> circles("abc", {("a", "b"), ("b", "a"), ("b", "c")}) == [{"a", "b"}]
    True
    """
    left = _in_circles(nodes, arrows)
    targets = _targets(left, arrows)
    reached = {node: _reach(node, targets) for node in left}
    groups = {frozenset(b for b in reached[a] if a in reached[b]) for a in left}
    return sorted((group for group in groups if group), key=lambda one: (-len(one), sorted(one)))


def _in_circles(nodes: Iterable[str], arrows: Collection[Arrow]) -> set[str]:
    """Return the nodes without those that nothing leads to, or that lead to nothing."""
    left, before = set(nodes), -1
    while len(left) != before:
        before = len(left)
        inside = [(a, b) for a, b in arrows if a in left and b in left]
        left = {a for a, _ in inside} & {b for _, b in inside}
    return left


def _targets(nodes: Iterable[str], arrows: Iterable[Arrow]) -> Mapping[str, set[str]]:
    targets: dict[str, set[str]] = {node: set() for node in nodes}
    for start, end in arrows:
        if start in targets and end in targets:
            targets[start].add(end)
    return targets


def _reach(start: str, targets: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    todo = [start]
    while todo:
        new = targets[todo.pop()] - found
        found |= new
        todo += new
    return found


def _cut(rooms: Iterable[str], arrows: Collection[Arrow]) -> Iterator[Arrow]:
    for group in circles(rooms, arrows):
        left = {(a, b) for a, b in arrows if a in group and b in group}
        while remaining := _turning(group, left):
            _, worst = min(
                (sum(map(len, circles(group, left - {arrow}))), arrow) for arrow in remaining
            )
            left.remove(worst)
            yield worst


def _turning(group: Collection[str], arrows: Collection[Arrow]) -> list[Arrow]:
    """Return the arrows that are part of a circle."""
    return [
        (a, b) for one in circles(group, arrows) for a, b in sorted(arrows) if {a, b} <= set(one)
    ]


def _height(rooms: Iterable[str], arrows: Collection[Arrow]) -> int:
    targets = _targets(rooms, arrows)
    floor = dict.fromkeys(targets, 1)
    for _ in targets:  # a way is at most as long as there are rooms
        for start, ends in targets.items():
            floor[start] = 1 + max((floor[end] for end in ends), default=0)
    return max(floor.values(), default=0)
