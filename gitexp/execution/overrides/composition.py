"""Whether Hydra composes a params file before a run, and which overrides are then its business."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable
from typing import TYPE_CHECKING

from gitexp.data.dvc_project import find_root
from gitexp.errors import GitexpError
from gitexp.model.paths import ProjectPath
from gitexp.project import Project

if TYPE_CHECKING:
    from gitexp.settings.hydra import Composition

_TRUE = frozenset({"true", "yes", "1", "on"})
_RUNS_CODE = ("config_module", "plugins_path")


def composition_of(project: Project) -> Composition | None:
    """Return what is to be composed: by `hydra` in the settings, else by DVC's configuration."""
    config = project.config
    if config.names_hydra:
        return config.hydra
    root = find_root(project.root, project.repository.top)
    if root is None:
        return None
    from gitexp.data.dvc_settings import hydra_section  # noqa: PLC0415 - 1 ms, where DVC is set up

    said = hydra_section(root)
    if said.get("enabled", "").lower() not in _TRUE:
        return None
    for name in _RUNS_CODE:
        if said.get(name):
            raise GitexpError(
                f"'hydra.{name}' in DVC's configuration would have gitexp run code of the project",
                f"`dvc config --unset hydra.{name}` removes it; `hydra: false` in gitexp.yaml has "
                "gitexp compose nothing.",
            )
    folder = os.path.relpath(root, project.root)
    if folder.startswith(".."):
        return None
    inside = "" if folder == "." else f"{folder}/"
    from gitexp.settings.hydra import Composition  # noqa: PLC0415 - 1 ms, where Hydra is enabled

    return Composition(
        posixpath.normpath(f"{inside}{said.get('config_dir', 'conf')}"),
        said.get("config_name", "config"),
        ProjectPath(f"{inside}params.yaml"),
    )


def for_composition(texts: Iterable[str], output: str) -> tuple[list[str], list[str]]:
    """Return the overrides that Hydra takes, without the file, and those of other files.

    >>> for_composition(["model=large", "params.yaml:lr=1", "b.yaml:+x=1"], "params.yaml")
    (['model=large', 'lr=1'], ['b.yaml:+x=1'])
    """
    from gitexp.execution.overrides.grammar import split_file  # noqa: PLC0415 - 1 ms, for -S alone

    ours, others = [], []
    for text in texts:
        file, rest = split_file(text)
        if file is None or posixpath.normpath(file) == output:
            ours.append(rest)
        else:
            others.append(text)
    return ours, others
