"""Held-out data that a run has read, or may have read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from gitexp.data.pointers import parse_dvc_file
from gitexp.errors import GitexpError
from gitexp.execution.stages import Started
from gitexp.model.record import DataPointer, RunRecord
from gitexp.project import Project


def copies_of(project: Project, data: Iterable[DataPointer]) -> dict[str, str]:
    """Return the inputs that have the content of held-out data, with the name of that."""
    found: dict[str, str] = {}
    for path in project.config.held_out:
        with contextlib.suppress(GitexpError, OSError):
            content = (project.root / f"{path}.dvc").read_bytes()
            held = {one.md5 for one in parse_dvc_file(content, f"{path}.dvc") if one.size}
            copies = (one for one in data if one.role == "input" and one.md5 in held)
            found.update((one.path, path) for one in copies if one.path != path)
    return found


def read_held_out(started: Started, record: RunRecord) -> Iterator[str]:
    """Yield a note for a copy of held-out data, and for what was opened while the command ran."""
    copies = copies_of(started.project, record.pointers)
    for copy, path in copies.items():
        yield (
            f"note: '{copy}' has the content of '{path}', which is held out; "
            "no policy promotes such a run"
        )
    read = record.extra.get("read_held_out", ())
    for path in read if isinstance(read, list) else ():
        if path not in copies.values():
            yield (
                f"note: '{path}' is held out, but was opened while the command ran, by it or by "
                "another program; no policy promotes such a run"
            )
