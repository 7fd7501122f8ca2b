"""What git lists beside its index, in the words in which it is asked for."""

from __future__ import annotations

from collections.abc import Iterable

from gitexp.execution.work_tree.files import JUNK
from gitexp.git.index import PrivateIndex
from gitexp.git.index_reading import Others
from gitexp.project import Project

WITHOUT_JUNK = tuple(f"--exclude={line}" for line in JUNK)
_UNTRACKED = ("--exclude-standard", *WITHOUT_JUNK, "--directory", "--no-empty-directory")
_IGNORED = ("--ignored", "--exclude-standard", "--directory")


def ask_for_untracked(index: PrivateIndex, folders: Iterable[str]) -> None:
    """Have git look for them meanwhile."""
    index.ask_ahead(*_UNTRACKED, below=folders)


def untracked(index: PrivateIndex, folders: Iterable[str], more: Iterable[str] = ()) -> Others:
    """Return what is not ignored in some folders; a folder with nothing tracked ends in '/'.

    With `more` options git is asked anew.
    """
    return index.untracked(*_UNTRACKED, *more, below=folders)


def ask_for_ignored(index: PrivateIndex, project: Project) -> None:
    """Have git look for them meanwhile."""
    index.ask_ahead(*_IGNORED, below=[project.folder])


def ignored(index: PrivateIndex, project: Project, more: Iterable[str] = ()) -> list[str]:
    """Return what git ignores in a project; a folder that it ignores as a whole ends in '/'.

    With `more` options git is asked anew.
    """
    return index.untracked(*_IGNORED, *more, below=[project.folder]).paths
