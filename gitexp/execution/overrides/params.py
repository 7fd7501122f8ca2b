"""Params files: overridden for a run, put back when it does not succeed."""

from __future__ import annotations

import contextlib
from pathlib import Path

from gitexp.data.replacing import drop_torn, replace_content
from gitexp.errors import GitexpError, reason_of
from gitexp.execution.stages import Plan
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
        if not self._edits:
            return []
        from gitexp.execution.overrides.edited_meanwhile import made_again  # noqa: PLC0415 - 1 ms with the one below, for -S alone
        from gitexp.execution.overrides.linked import edited_path  # noqa: PLC0415

        places = [edited_path(self._project, name) for name in self._edits]
        for number, name in enumerate(list(self._edits)):
            path, copy = self._root / name, self._kept / f"params-{number}"
            now = self._before[name] = path.read_bytes() if name in self._read else None
            if now is None:
                copy.with_suffix(_NEW).touch()
            else:
                if now != self._read[name] and name != self._composed:  # edited since the plan
                    self._edits[name] = made_again(self._overrides, name, self._edits[name], now)
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
        if old is None:
            drop_torn(path)
        now, asked = path.read_bytes(), self._edits[name]
        if now != asked and (old is None or name == self._composed):
            raise GitexpError("it was edited meanwhile")
        if old is None:
            path.unlink()
        elif now == asked:
            replace_content(path, old)
        else:
            from gitexp.execution.overrides.edited_meanwhile import taken_back  # noqa: PLC0415 - 1 ms, as above

            replace_content(path, taken_back(self._overrides, name, old, asked, now))

    def _keep(self, number: int) -> Path:
        """Move an old copy to where it outlives the run."""
        copy = self._kept / f"params-{number}"
        place = own_folder(self._project.repository).kept / f"{self._kept.name}-{copy.name}"
        with contextlib.suppress(OSError):
            place.parent.mkdir(exist_ok=True)
            return copy.rename(place)
        return copy
