"""What the tags of models come to: versions, and the stages that they hold.

The rules are GTO's, down to who wins if two tags are of one second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import attrgetter

from msgspec import Struct, field

from gitexp.registry.events import TagEvent
from gitexp.registry.grammar import Action, precedence

_ORDER: Mapping[Action, int] = {
    "deprecate": 0,
    "register": 1,
    "deregister": 2,
    "assign": 3,
    "unassign": 4,
}
"""Which of two events of one second comes last, and so counts."""


class Version(Struct, frozen=True):
    """One version of a model, or a commit that only holds a stage."""

    model: str
    name: str
    """With its `v`; the commit's oid if nobody gave it a version."""
    commit: str
    events: tuple[TagEvent, ...]
    """In the order of time."""
    own: tuple[TagEvent, ...]
    """Those that register it, or take that back."""

    @property
    def is_registered(self) -> bool:
        """Whether it has a version, though that may have been taken back."""
        return bool(self.own)

    @property
    def is_active(self) -> bool:
        """Whether it counts."""
        return not self.own or self.own[-1].what.action == "register"

    @property
    def registration(self) -> TagEvent:
        """The tag that says what it is: the last one that registers it, else the last of all."""
        made = [one for one in self.own if one.what.action == "register"]
        return (made or self.own or self.events)[-1]

    def assignments(self) -> list[TagEvent]:
        """Return the last assignment of each stage that was not taken away again, in order."""
        last: dict[str, TagEvent] = {}
        for event in self.events:
            if event.what.stage:
                last[event.what.stage] = event
        there = [one for one in last.values() if one.what.action == "assign"]
        return sorted(there, key=attrgetter("time"))


class Model(Struct, frozen=True, dict=True):
    """One model with all its versions."""

    name: str
    versions: tuple[Version, ...]
    """In the order in which they came."""
    deprecations: tuple[TagEvent, ...] = ()

    @property
    def is_active(self) -> bool:
        """Whether nobody deprecated it, or it was given a tag since."""
        if not self.deprecations:
            return True
        said = self.deprecations[-1].time
        return any(one.time >= said for version in self.versions for one in version.events)

    @property
    def active(self) -> list[Version]:
        """The versions that count."""
        return [version for version in self.versions if version.is_active]

    @cached_property
    def registered(self) -> list[Version]:
        """The versions that count and have a name, the highest first."""
        named = [one for one in self.active if one.is_registered]
        return sorted(named, key=lambda one: precedence(one.name) or _NO_VERSION)[::-1]

    @cached_property
    def latest(self) -> Version | None:
        """The highest version that counts."""
        return next(iter(self.registered), None)

    @cached_property
    def stages(self) -> Mapping[str, Version]:
        """The version that holds each stage: the one that was assigned to it last."""
        newest = sorted(self.active, key=lambda one: one.registration.time)[::-1]
        given = [(event, version) for version in newest for event in version.assignments()]
        given = sorted(given, key=lambda pair: pair[0].time)[::-1]
        held: dict[str, Version] = {}
        for event, version in given:
            held.setdefault(event.what.stage, version)
        return held

    @property
    def events(self) -> list[TagEvent]:
        """Everything that was said, in order."""
        said = [*self.deprecations, *(one for version in self.versions for one in version.events)]
        return sorted(said, key=lambda one: (one.time, _ORDER[one.what.action]))

    def at(self, commit: str) -> Version | None:
        """Return the version that a commit has, even if it no longer counts."""
        return next(
            (one for one in self.versions if one.is_registered and one.commit == commit), None
        )

    def named(self, version: str) -> Version | None:
        """Return a version by its name, even if it no longer counts."""
        found = [one for one in self.versions if one.is_registered and one.name == version]
        return next((one for one in found if one.is_active), found[-1] if found else None)


_NO_VERSION = ((-1, 0, 0), False, ())


class _Building(Struct):
    name: str
    commit: str
    own: list[TagEvent] = field(default_factory=list)
    staged: list[TagEvent] = field(default_factory=list)


def read_models(events: Iterable[TagEvent]) -> dict[str, Model]:
    """Return the models that events make, by name."""
    by_model: dict[str, list[TagEvent]] = {}
    for event in events:
        by_model.setdefault(event.what.model, []).append(event)
    return {name: _model(name, said) for name, said in sorted(by_model.items())}


def _model(name: str, said: Sequence[TagEvent]) -> Model:
    ordered = sorted(said, key=attrgetter("time"))  # stable: those of one second, by their tag
    versions: dict[tuple[str, str], _Building] = {}
    for event in ordered:
        if event.what.version:
            key = event.what.version, event.commit
            versions.setdefault(key, _Building(*key)).own.append(event)
    by_commit: dict[str, _Building] = {}
    for one in versions.values():
        by_commit.setdefault(one.commit, one)
    for event in ordered:
        if event.what.stage:
            found = by_commit.get(event.commit)
            if found is None:
                found = by_commit[event.commit] = _Building(event.commit, event.commit)
                versions[event.commit, event.commit] = found
            found.staged.append(event)
    dropped = tuple(one for one in ordered if one.what.action == "deprecate")
    return Model(name, tuple(_versions(name, versions.values())), dropped)


def _versions(model: str, built: Iterable[_Building]) -> Iterator[Version]:
    def place(event: TagEvent) -> tuple[int, int]:
        return event.time, _ORDER[event.what.action]

    for one in built:
        own, events = sorted(one.own, key=place), sorted([*one.own, *one.staged], key=place)
        yield Version(model, one.name, one.commit, tuple(events), tuple(own))
