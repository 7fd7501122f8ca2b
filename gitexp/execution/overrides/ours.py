"""Which params files are a person's, so that values may be set in them; a run writes the others."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Mapping

from gitexp.errors import GitexpError
from gitexp.git.diffs import literal_specs
from gitexp.model.documents.changes import ABSENT, lookup
from gitexp.model.override import Override
from gitexp.model.paths import ProjectPath
from gitexp.project import Project
from gitexp.revisions.roles import Declared
from gitexp.revisions.written_before import output_params


def ours_among(
    project: Project,
    contents: Mapping[str, bytes],
    overrides: Iterable[Override],
    written: frozenset[ProjectPath] | None = None,
) -> dict[str, bytes]:
    """Return the params files in which values may be set.

    `written` are those that runs write, if that is known. Raises GitexpError if a value is meant
    for one that the command writes.
    """
    written = written_by_runs(project) if written is None else written
    ours = {name: content for name, content in contents.items() if name not in written}
    if len(ours) < len(contents):
        _check_not_written(project, ours, contents, overrides)
    return ours


def written_by_runs(project: Project) -> frozenset[ProjectPath]:
    """Return the params files that are outputs."""
    specs = literal_specs(map(project.path, project.params_files))
    tracked = project.repository.git("ls-files", "-z", "--", *specs).split(b"\0") if specs else []
    declared = Declared(project, project.pipeline)
    return output_params(project, declared, {os.fsdecode(path) for path in tracked})


def _check_not_written(
    project: Project,
    ours: Mapping[str, bytes],
    contents: Mapping[str, bytes],
    overrides: Iterable[Override],
) -> None:
    """Raise GitexpError if a value is to be set in a file that the command writes."""
    for one in overrides:
        named = contents if one.file is None else [posixpath.normpath(one.file)]
        holding = [name for name in named if one.file or holds(project, contents, name, one)]
        written = [name for name in holding or contents if name in contents and name not in ours]
        if written and (holding or not ours) and not any(name in ours for name in holding):
            raise GitexpError(
                f"'{one.name}' cannot be set in '{written[0]}', because that is an output: "
                "a run writes it, and would overwrite the value",
                hint=f"Give the value to the command, or, if '{written[0]}' is yours, "
                "take it out of the outputs and `git add` it.",
            )


def holds(project: Project, contents: Mapping[str, bytes], name: str, one: Override) -> bool:
    """Return whether a params file has the key of an override."""
    try:
        return lookup(project.documents.parse(contents[name], name), one.key) is not ABSENT
    except GitexpError:
        return False
