"""A definition that others may have written: what it says beside its id, made harmless."""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.git.trees import is_below
from gitexp.model.names import check_name, named_after
from gitexp.model.refused_names import is_refused
from gitexp.model.text import harmless
from gitexp.sweep.point import Spot, run_name
from gitexp.sweep.sweep import Sweep


def checked(sweep: Sweep) -> Sweep:
    """Return a definition whose name and message may stand in the messages of commits.

    Raises GitexpError if one of its paths leads out of the project.
    """
    _check_path(sweep.project, "project")
    _check_path(sweep.directory, "directory")
    if not is_below(sweep.project, sweep.directory):
        raise _outside("directory", sweep.directory)
    if sweep.pruning is not None:
        _check_path(sweep.pruning.file or "", "pruning.file")
    name = sweep.name and usable_name(sweep.name, sweep.id)
    return replace(sweep, name=name, message=_harmless(sweep.message))


def usable_name(name: str | None, sweep_id: str) -> str:
    """Return the name of a sweep if its runs can be called so, else one made from its id."""
    try:
        check_name(run_name(name or "", Spot(999_999, 99)))
        check_name(name or "")
    except GitexpError:
        return named_after(sweep_id)
    return name or ""


def _check_path(path: str, field: str) -> None:
    if not path:
        return
    parts = PurePosixPath(path).parts
    if ".." in parts or "\0" in path or is_refused(posixpath.normpath(path)):
        raise _outside(field, path)


def _outside(field: str, path: str) -> GitexpError:
    return GitexpError(
        f"the definition of the sweep is not followed: its {field} '{path}' is not in the project",
        hint="`gitexp show` has the run that it comes from, and who made it.",
    )


def _harmless(text: str) -> str:
    """Return a text with its lines and tabs, and with no other control character."""
    lines = (map(harmless, line.split("\t")) for line in text.split("\n"))
    return "\n".join("\t".join(line) for line in lines)
