"""Where a command writes what the user has named: through no link that others may have brought."""

from __future__ import annotations

from pathlib import Path

from gitexp.cli.options import tell
from gitexp.errors import GitexpError
from gitexp.model.page_mark import marked
from gitexp.project import Project
from gitexp.store.own_links import check_destination


def check_output(project: Project, path: Path, *, is_replaced: bool = False) -> None:
    """Raise GitexpError for a place that such a link leads to, but for one that is replaced."""
    branch = project.config.branch
    check_destination(project.repository, branch, path, is_replaced=is_replaced)


def write_page(project: Project, path: Path, content: bytes) -> None:
    """Write a file, with the mark that keeps it out of runs, and say so."""
    check_output(project, path)
    try:
        path.write_bytes(marked(content))
    except OSError as error:
        raise GitexpError(f"cannot write '{path}': {error.strerror}") from error
    tell(f"note: '{path}' is written")
