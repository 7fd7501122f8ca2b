"""The DVC projects of a repository: which of them a path belongs to.

A repository may have several, in folders of their own (`dvc init --subdir`). As DVC has it, the
nearest one around a file is the file's.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from gitexp.data.dvc_project import find_root
from gitexp.git.trees import Entries, is_below
from gitexp.project import Project
from gitexp.revisions.kinds import dvc_configs_in
from gitexp.store.own_links import check_dvc_folder


def root_of(project: Project, path: str) -> Path | None:
    """Return the DVC project around a path, which is from the top; None if there is none."""
    top = project.repository.top
    return find_root((top / path).parent, top)


def new_root_of(project: Project, path: str) -> Path:
    """Return the same; without one, the folder in which gitexp sets DVC up."""
    return root_of(project, path) or project.root


def all_roots(project: Project) -> tuple[Path, ...]:
    """Return the DVC projects of a project's work tree, the one around it first."""
    specs = [
        f":(top,glob){folder}/**/.dvc/config" if folder else ":(top,glob)**/.dvc/config"
        for folder in project.recorded_folders()
    ]
    told = project.repository.git("ls-files", "-co", "--exclude-standard", "-z", "--", *specs)
    return roots_in(project, map(os.fsdecode, told.split(b"\0")[:-1]))


def roots_among(project: Project, entries: Entries) -> tuple[Path, ...]:
    """Return the DVC projects of a project's work tree, of which git has the entries."""
    folders = project.recorded_folders()
    paths = dvc_configs_in(entries)
    return roots_in(project, (p for p in paths if any(is_below(one, p) for one in folders)))


def roots_in(project: Project, paths: Iterable[str]) -> tuple[Path, ...]:
    """Return the DVC projects of a project that is made of some paths, its own first."""
    top = project.repository.top
    own = find_root(project.root, top)
    marks = ("/.dvc/config", "/.dvc/.gitignore")
    inner = (path.rpartition("/.dvc/")[0] for path in paths if f"/{path}".endswith(marks))
    found = [top / folder for folder in sorted(set(inner))]
    for root in found:
        check_dvc_folder(project.repository, project.config.branch, root)
    return tuple(
        dict.fromkeys(
            root for root in (own, *found) if root is not None and (root / ".dvc").is_dir()
        )
    )
