"""The setting `hydra`: whether a params file is composed from Hydra's groups before a run."""

from __future__ import annotations

from msgspec import Struct

from gitexp.model.paths import ProjectPath
from gitexp.settings.kinds import Wrong, fields, inner_paths, text


class Composition(Struct, frozen=True):
    """Which configuration is composed, and into which params file."""

    config_dir: str = "conf"
    """The folder with the configuration, from the project."""
    config_name: str = "config"
    output: ProjectPath = ProjectPath("params.yaml")


def read_hydra(value: object) -> dict[str, object]:
    """Read true, false, or a mapping."""
    if isinstance(value, bool):
        return {"hydra": Composition() if value else None, "names_hydra": True}
    if not isinstance(value, dict):
        raise Wrong("must be true, false or a mapping")
    said = fields(value, {"config_dir": _path, "config_name": text, "output": _path})
    return {"hydra": Composition(**said), "names_hydra": True}


def _path(value: object) -> str:
    try:
        [path] = inner_paths(text(value))
    except Wrong as wrong:
        raise Wrong("must be a path in the project's folder") from wrong
    return path
