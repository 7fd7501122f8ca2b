"""Files that stay out of a folder behind a pointer: `.dvcignore` names them, as DVC has it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from gitexp.data.ignore import with_dvcignored
from gitexp.data.listing import IGNORE_FILE
from gitexp.data.replacing import refuse_link, replace_content
from gitexp.errors import GitexpError, reason_of
from gitexp.model.numbers import counted
from gitexp.pointers.roots import new_root_of
from gitexp.pointers.stored import Stored
from gitexp.project import Project


def keep_out(project: Project, place: str, paths: Collection[str], stored: Stored) -> bool:
    """Have `.dvcignore` name files in a folder, so that DVC does not miss them either.

    Return whether the folder can be stored without them; a warning says why not.
    """
    top, root = project.repository.top, new_root_of(project, place)
    file = root / IGNORE_FILE
    ours = project.repository.relative(file)
    try:
        refuse_link(file, ours)
        before = file.read_bytes() if file.is_file() else b""
        inner = [(top / path).relative_to(root).as_posix() for path in sorted(paths)]
        after = with_dvcignored(before, inner)
        if after != before:
            replace_content(file, after)
        _check(root, (top / place).relative_to(root).as_posix(), inner)
    except Exception as error:  # noqa: BLE001 - DVC's own, too, of patterns that it cannot read
        why = f"{_shown(paths)} cannot be kept out of it: {reason_of(error)}"
        stored.warnings.append(f"'{place}' is not recorded: {why}")
        return False
    stored.files[ours] = after
    one = len(paths) == 1
    stored.notes.append(
        f"{_shown(paths)} {'stays' if one else 'stay'} out of '{place}.dvc', since git ignores "
        f"{'it' if one else 'them'} or a secret is in {'it' if one else 'them'}; '{ours}' has "
        f"{'a line for it' if one else 'a line for each'}"
    )
    return True


def _check(root: Path, place: str, paths: Collection[str]) -> None:
    """Raise GitexpError if DVC would take a file all the same: a later pattern may say so."""
    from gitexp.data.listing import list_files  # noqa: PLC0415 - 65 ms with DVC's filter, where needed

    start = len(place) + 1
    taken = {one.name for one in list_files(root, place)}
    for path in paths:
        if path[start:] in taken:
            raise GitexpError(f"'{IGNORE_FILE}' has a pattern that lets '{path}' in again")


def _shown(paths: Collection[str]) -> str:
    first, more = min(paths), len(paths) - 1
    return f"'{first}'" + (f" and {counted(more, 'other file')}" if more else "")
