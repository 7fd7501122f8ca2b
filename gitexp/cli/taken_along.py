"""A note on what was written where the next run finds it."""

from __future__ import annotations

from pathlib import Path

from gitexp.cli.options import tell
from gitexp.project import Project


def note_taken_along(project: Project, written: Path) -> None:
    """Say that the next run has a file as an input, unless git ignores or tracks it."""
    place = written.parent.resolve() / written.name
    try:
        path = place.relative_to(project.repository.top.resolve()).as_posix()
    except ValueError:
        return
    folders = project.recorded_folders()
    if not any(not folder or path.startswith(f"{folder}/") for folder in folders):
        return
    from gitexp.metrics.reading import is_tracker_name  # noqa: PLC0415 - 10 ms, for what is written here

    if is_tracker_name(path):  # no run has it as an input
        return
    asked = ("ls-files", "-o", "--exclude-standard", "-z", "--", f":(top,literal){path}")
    if project.repository.attempt(*asked).stdout:
        tell(f"note: the next run takes '{written}' along as an input unless git ignores it")
