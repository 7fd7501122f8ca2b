"""Where somebody stands in a project: perhaps beside values that the project does not read."""

from __future__ import annotations

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
