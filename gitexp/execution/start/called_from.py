"""Where somebody stands in a project: perhaps beside other values, or away from its script."""

from __future__ import annotations

import os
import shlex

from gitexp.execution.start.named import words_in
from gitexp.project import Project
from gitexp.settings.config import CONFIG_NAME


def project_hint(project: Project) -> str | None:
    """Return which folder the project is, for someone who stands below it beside such values."""
    top, here = project.repository.top, project.directory
    if here == project.folder:
        return None
    config = project.config
    names = [name for name in (*config.params, *config.metrics) if (top / here / name).is_file()]
    if not names:
        return None
    place = f"'{project.folder}'" if project.folder else "the whole repository"
    return (
        f"The project is {place}, which does not read '{here}/{names[0]}': "
        f"`touch {CONFIG_NAME}` here makes '{here}' a project of its own."
    )


def away_from_script(project: Project, verb: str) -> str | None:
    """Return where the configured command may be meant to run, if it names a file that is there.

    It runs where it is called, as one that is typed. A line with a `cd` knows its way.
    """
    if project.directory == project.folder:
        return None
    here = project.repository.top / project.directory
    words = [word for text in project.config.command for word in words_in(text)]
    if "cd" in words:
        return None
    for word in words:
        if os.path.isfile(project.root / word) and not os.path.lexists(here / word):  # noqa: PTH113 - any text
            folder = shlex.quote(os.path.relpath(project.root, here))
            return (
                f"'{word}' lies beside {CONFIG_NAME}, and its command runs in this folder: "
                f"`gitexp -C {folder} {verb}` runs it there"
            )
    return None
