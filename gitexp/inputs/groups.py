"""The runs of a project by group: those that repeat one another are one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from gitexp.comparison.query.expression import Column
from gitexp.comparison.ranking import Direction, ranked
from gitexp.inputs.alike import Likeness
from gitexp.model.values import is_number
from gitexp.project import Project
from gitexp.review.group import Group, group_of
from gitexp.review.statistics import Sample, sample
from gitexp.store.index.groups import Member
from gitexp.store.index.selection import Selection
from gitexp.store.stored_run import read_by_the_hundred

_AT_ONCE = 200
"""How many runs are read at once."""


class Places(Struct, frozen=True):
    """A group before its runs are read."""

    members: tuple[Member, ...]

    @property
    def sample(self) -> Sample | None:
        """The column that was asked for, over the runs that ended well; None if none has a number.

        If none ended well, over all.
        """
        counted = [one for one in self.members if one.done] or self.members
        numbers = [one.value for one in counted if is_number(one.value)]
        return sample(numbers) if numbers else None

    @property
    def value(self) -> object:
        """What it is ranked by."""
        found = self.sample
        return self.members[0].value if found is None else found.mean


class Groups:
    """The groups among the runs that are wanted."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._index = project.runs.index
        self._alike = Likeness(project).alike

    def places(self, wanted: Selection) -> list[Places]:
        """Return the groups in the order of their first runs; by a metric, in that of the means."""
        column = wanted.sort.column if wanted.sort is not None else None
        by_mean = column if column is not None and column.kind == "metrics" else None
        found = self._grouped(wanted, by_mean)
        if by_mean is None or wanted.sort is None:
            return found
        direction: Direction = "desc" if wanted.sort.descending else "asc"
        return ranked(found, lambda one: one.value, direction)

    def _grouped(self, wanted: Selection, column: Column | None) -> list[Places]:
        members = self._index.members(wanted, self._alike, column)
        keys = self._keys(members)
        found: dict[str, list[Member]] = {}
        for one in members:
            found.setdefault(keys.get(one.id, one.id), []).append(one)
        return [Places(tuple(some)) for some in found.values()]

    def _keys(self, members: Sequence[Member]) -> Mapping[str, str]:
        """Return the keys of runs that are not the only ones to look as they do, by their ids."""
        times: dict[str, int] = {}
        for one in members:
            times[one.look] = times.get(one.look, 0) + 1
        several = [one for one in members if times[one.look] > 1]
        known = {one.id: one.key for one in several if one.key is not None}
        lacking = [one for one in several if one.key is None]
        new = dict(self._worked_out(lacking))
        if new:
            self._index.keep_keys(self._alike, new.items())
        return known | new

    def _worked_out(self, members: Sequence[Member]) -> Iterator[tuple[str, str]]:
        for at in range(0, len(members), _AT_ONCE):
            part = [one.position for one in members[at : at + _AT_ONCE]]
            runs = read_by_the_hundred(self._index.at(part))
            yield from zip((run.id for run in runs), self._alike.keys(runs), strict=True)

    def read(self, places: Iterable[Places]) -> Iterator[Group]:
        """Read the runs of groups, one group after the other."""
        is_seed = self._project.config.review.is_seed
        for part in _parts(places):
            positions = [one.position for place in part for one in place.members]
            runs = read_by_the_hundred(self._index.at(positions))
            by_id = {run.id: run for run in runs}
            for place in part:
                found = [by_id[one.id] for one in place.members if one.id in by_id]
                if found:  # else the branch was joined with another just now
                    yield group_of([(run.oid, run.record) for run in found], is_seed)


def _parts(places: Iterable[Places]) -> Iterator[list[Places]]:
    """Yield groups in parts of some hundred runs."""
    part: list[Places] = []
    for place in places:
        part.append(place)
        if sum(len(one.members) for one in part) >= _AT_ONCE:
            yield part
            part = []
    if part:
        yield part
