"""Params files: overridden for a run, put back when it does not succeed."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from gitexp.data.replacing import replace_content
from gitexp.errors import GitexpError, reason_of
from gitexp.execution.overrides.linked import edited_path
from gitexp.execution.stages import Plan
from gitexp.model.documents.changes import ABSENT, Absent, identical, lookup
from gitexp.model.documents.reading import parse_document
from gitexp.model.override import Operation, Override
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.store.own import own_folder

_NEW = ".new"
"""The ending of what stands for the copy of a file that was not there."""


class OverriddenParams:
    """The params files that a run changes, with what is needed to change them back."""

    def __init__(self, project: Project, plan: Plan, kept: Path) -> None:
        self._project = project
        self._root = project.root
        self._edits = dict(plan.edits)
        self._read = plan.before
        self._overrides = plan.overrides
        self._composed = plan.composed
        self._kept = kept
        self._before: dict[str, bytes | None] = {}
        """None for a file that was not there."""

    @classmethod
    def kept(cls, project: Project, plan: Plan, kept: Path) -> OverriddenParams:
        """Return what another process overrode, from the copies that it kept."""
        params = cls(project, plan, kept)
        for number, name in enumerate(plan.edits):
            copy = kept / f"params-{number}"
            if copy.exists():
                params._before[name] = copy.read_bytes()
            elif copy.with_suffix(_NEW).exists():
                params._before[name] = None
        return params

    def apply(self) -> list[str]:
        """Write the new contents, a copy of the old ones kept; return the paths from the top.

        What a link leads to is written, and the link stays.
        """
        places = [edited_path(self._project, name) for name in self._edits]
        for number, name in enumerate(list(self._edits)):
            path, copy = self._root / name, self._kept / f"params-{number}"
            now = self._before[name] = path.read_bytes() if name in self._read else None
            if now is None:
                copy.with_suffix(_NEW).touch()
            else:
                if now != self._read[name] and name != self._composed:  # edited since the plan
                    self._edits[name] = _made_again(self._overrides, name, self._edits[name], now)
                replace_content(copy, now, onto_disk=self._project.home is None)
            replace_content(path, self._edits[name])
        return places

    @property
    def are_set(self) -> bool:
        """Whether files hold overrides that were not put back."""
        return bool(self._before)

    def restore(self) -> list[str]:
        """Put the old values back, once, and return warnings.

        A file that somebody edited meanwhile keeps the edits: only the overridden values
        go back, and if even that cannot be done the place of the old copy is named.
        """
        warnings = []
        before, self._before = self._before, {}
        for number, (name, old) in enumerate(before.items()):
            path = self._root / name
            try:
                self._put_back(path, name, old)
            except Exception as error:  # noqa: BLE001 - a run is being recorded
                why = reason_of(error)
                if old is None:
                    warnings.append(f"'{name}' was not removed ({why}); it was not there before")
                    continue
                copy = self._keep(number)
                warnings.append(f"'{name}' was not put back ({why}); its old copy is '{copy}'")
        return warnings

    def _put_back(self, path: Path, name: str, old: bytes | None) -> None:
        now, asked = path.read_bytes(), self._edits[name]
        if now != asked and (old is None or name == self._composed):
            raise GitexpError("it was edited meanwhile")
        if old is None:
            path.unlink()
        elif now == asked:
            replace_content(path, old)
        else:
            replace_content(path, _taken_back(self._overrides, name, old, asked, now))

    def _keep(self, number: int) -> Path:
        """Move an old copy to where it outlives the run."""
        copy = self._kept / f"params-{number}"
        place = own_folder(self._project.repository).kept / f"{self._kept.name}-{copy.name}"
        with contextlib.suppress(OSError):
            place.parent.mkdir(exist_ok=True)
            return copy.rename(place)
        return copy


def _made_again(overrides: Sequence[Override], name: str, planned: bytes, now: bytes) -> bytes:
    """Return a file that was edited meanwhile with the overrides that were planned for it."""
    wanted = parse_document(planned, name)
    meant = [
        one
        for one in overrides
        if (one.file or name) == name
        and (one.operation is Operation.DELETE or lookup(wanted, one.key) is not ABSENT)
    ]
    return _applied(meant, name, now)


def _taken_back(
    overrides: Sequence[Override], name: str, old: bytes, asked: bytes, now: bytes
) -> bytes:
    """Return a file in which the values that are still what gitexp set are put back."""
    before, set_to, current = (parse_document(one, name) for one in (old, asked, now))
    back = [
        _inverse(one, name, before)
        for one in overrides
        if (one.file or name) == name
        and not identical(lookup(before, one.key), lookup(set_to, one.key))
        and identical(lookup(current, one.key), lookup(set_to, one.key))
    ]
    return _applied(back, name, now)


def _inverse(one: Override, name: str, before: dict[str, Value]) -> Override:
    old = lookup(before, one.key)
    if isinstance(old, Absent):
        return Override(f"~{one.name}", name, Operation.DELETE, one.key, None, has_value=False)
    return Override(f"++{one.name}", name, Operation.FORCE, one.key, old)


def _applied(overrides: Sequence[Override], name: str, content: bytes) -> bytes:
    from gitexp.execution.overrides.resolve import apply_overrides  # noqa: PLC0415 - 40 ms, for -S

    return apply_overrides({name: content}, overrides).get(name, content)
