"""A definition that others may have written: what it says beside its id, made harmless."""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.git.trees import is_below
from gitexp.model.hypothesis import Hypothesis, one_line
from gitexp.model.names import check_name, is_id, named_after
from gitexp.model.refused_names import is_refused
from gitexp.model.text import harmless
from gitexp.sweep.point import Spot, run_name
from gitexp.sweep.sweep import Sweep

_OID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


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
    sweep = replace(sweep, name=name, message=_harmless(sweep.message))
    if sweep.hypothesis is None:
        return sweep
    return replace(sweep, hypothesis=_checked_hypothesis(sweep.hypothesis))


def _checked_hypothesis(hypothesis: Hypothesis) -> Hypothesis:
    """Return what runs are expected to show, held against commits and runs alone."""
    for one in hypothesis.against.values():
        if not _OID.fullmatch(one.commit) or not (one.run == "" or is_id(one.run)):
            raise GitexpError(
                "the definition of the sweep is not followed: its expectation is held against "
                f"'{harmless(one.commit)}', which is no commit",
                hint="`gitexp show` has the run that it comes from, and who made it.",
            )
    against = {
        harmless(key): replace(one, name=harmless(one.name))
        for key, one in hypothesis.against.items()
    }
    return Hypothesis(expect=harmless(one_line(hypothesis.expect)), against=against)


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
