"""The DVC projects that a project's data may belong to."""

from __future__ import annotations

import os
from pathlib import Path

from gitexp.data.dvc_project import find_root
from gitexp.errors import GitexpError
from gitexp.model.paths import TopPath
from gitexp.project import Project


def dvc_roots(project: Project) -> tuple[Path, ...]:
    """Return the one around the project, then those in folders of their own below it."""
    top = project.repository.top
    specs = [
        f":(top,glob){folder}/**/.dvc/config" if folder else ":(top,glob)**/.dvc/config"
        for folder in _folders(project)
    ]
    told = project.repository.git("ls-files", "-co", "--exclude-standard", "-z", "--", *specs)
    inner = {(top / os.fsdecode(name)).parent.parent for name in told.split(b"\0")[:-1]}
    own = find_root(project.root, top)
    found = (*([own] if own is not None else []), *sorted(inner))
    return tuple(root for root in dict.fromkeys(found) if (root / ".dvc").is_dir())


def _folders(project: Project) -> tuple[TopPath, ...]:
    try:
        return project.recorded_folders()
    except GitexpError:  # settings that cannot be read: reported by another examination
        return (project.folder,)
