"""Params files: overridden for a run, put back when it does not succeed."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gitexp.errors import GitexpError
from gitexp.model.documents import parse_document
from gitexp.model.values import Value
from gitexp.project import Project

if TYPE_CHECKING:
    from gitexp.execution.overrides import Override
    from gitexp.execution.prepare import Plan


class OverriddenParams:
    """The params files that a run changes, with what is needed to change them back."""

    def __init__(
        self,
        project: Project,
        edits: Mapping[str, bytes],
        overrides: tuple[Override, ...],
        kept: Path,
    ) -> None:
        self._root = project.root
        self._edits = edits
        self._overrides = overrides
        self._kept = kept
        self._before: dict[str, bytes] = {}

    @classmethod
    def kept(cls, project: Project, plan: Plan, kept: Path) -> OverriddenParams:
        """Return what another process overrode, from the copies that it kept."""
        params = cls(project, plan.edits, plan.overrides, kept)
        for number, name in enumerate(plan.edits):
            copy = kept / f"params-{number}"
            if copy.exists():
                params._before[name] = copy.read_bytes()
        return params

    def apply(self) -> list[str]:
        """Write the new contents, a copy of the old ones kept; return the paths in the project."""
        for number, (name, content) in enumerate(self._edits.items()):
            path = self._root / name
            self._before[name] = path.read_bytes()
            replace_content(self._kept / f"params-{number}", self._before[name])
            replace_content(path, content)
        return list(self._edits)

    def restore(self) -> list[str]:
        """Put the old values back, once, and return warnings.

        A file that somebody edited meanwhile keeps the edits: only the overridden values
        go back, and where even that cannot be done the place of the old copy is named.
        """
        warnings = []
        before, self._before = self._before, {}
        for number, (name, old) in enumerate(before.items()):
            path = self._root / name
            try:
                now = path.read_bytes()
                content = old if now == self._edits[name] else self._reverted(name, old, now)
                replace_content(path, content)
            except (OSError, GitexpError) as error:
                copy = self._keep(number)
                warnings.append(f"'{name}' is not as it was ({error}); its old copy is '{copy}'")
        return warnings

    def _keep(self, number: int) -> Path:
        """Move an old copy to where it outlives the run."""
        copy = self._kept / f"params-{number}"
        place = self._kept.parent.parent / "kept" / f"{self._kept.name}-{copy.name}"
        with contextlib.suppress(OSError):
            place.parent.mkdir(exist_ok=True)
            return copy.rename(place)
        return copy

    def _reverted(self, name: str, old: bytes, now: bytes) -> bytes:
        from gitexp.execution.overrides import apply_overrides  # noqa: PLC0415 - rarely needed

        before = parse_document(old, name)
        asked = parse_document(self._edits[name], name)
        back = [
            _inverse(one, name, before)
            for one in self._overrides
            if (one.file or name) == name and _value(before, one.key) != _value(asked, one.key)
        ]
        return apply_overrides({name: now}, back).get(name, now)


_ABSENT = object()


def _value(values: object, key: tuple[str, ...]) -> object:
    for part in key:
        if isinstance(values, list) and part.isdigit() and int(part) < len(values):
            values = values[int(part)]
        elif isinstance(values, dict) and part in values:
            values = values[part]
        else:
            return _ABSENT
    return values


def _inverse(one: Override, name: str, before: dict[str, Value]) -> Override:
    from gitexp.execution.overrides import Operation, Override  # noqa: PLC0415 - as above

    old = _value(before, one.key)
    if old is _ABSENT:
        return Override(f"~{one.name}", name, Operation.DELETE, one.key, None, has_value=False)
    return Override(f"++{one.name}", name, Operation.FORCE, one.key, old)  # type: ignore[arg-type]  # a value of a document


def replace_content(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, through links, its permissions kept."""
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.gitexp")
    try:
        temporary.write_bytes(content)
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)  # noqa: PTH105 - says what it does
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
