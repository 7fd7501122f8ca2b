"""The commands that put a file behind a pointer when git was about to get it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from functools import cached_property

from gitexp.errors import GitexpError
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.pointers.stored import ignore_file
from gitexp.pointers.trackable import known_pointers
from gitexp.project import Project


class Pointing:
    """What to do with files of one project, in words and commands that work as they stand."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def out_of_git(self, path: str) -> str:
        """Return how a staged file leaves the index, stays on disk, and gets its pointer."""
        name = shlex.quote(self._project.name(TopPath(path)))
        if path in self._known:
            return f"leave it to its pointer with {self._in_folder(f'git rm --cached {name}')}"
        to_add = [f"{path}.dvc", *([] if self._is_ignored(path) else [ignore_file(path)])]
        added = shlex.join(self._project.name(TopPath(one)) for one in to_add)
        commands = f"git rm --cached {name} && gitexp track {name} && git add {added}"
        return f"put it behind a pointer with {self._in_folder(commands)}"

    def into_cache(self, names: Sequence[str]) -> str | None:
        """Return how data that only the work tree has gets into the cache; None without any."""
        repository, project = self._project.repository, self._project
        there = [
            name
            for name in names
            if os.path.lexists(repository.top / project.path(ProjectPath(name)))
            and (repository.top / f"{project.path(ProjectPath(name))}.dvc").is_file()
        ]
        if not there:
            return None
        pointers = shlex.join(f"{name}.dvc" for name in there)
        commands = f"gitexp track {shlex.join(there)} && git add {pointers}"
        return f"{self._in_folder(commands)} takes what lies in the work tree"

    def _in_folder(self, commands: str) -> str:
        folder = self._project.folder
        return f"`{commands}`" + (f" in '{folder}'" if folder else "")

    def _is_ignored(self, path: str) -> bool:
        asked = self._project.repository.attempt("check-ignore", "--no-index", "-q", "--", path)
        return asked.returncode == 0

    @cached_property
    def _known(self) -> set[str]:
        try:
            return {pointer.path for _, pointer in known_pointers(self._project.repository)}
        except GitexpError:  # one that cannot be read: for the check to report
            return set()
