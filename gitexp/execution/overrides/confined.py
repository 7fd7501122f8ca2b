"""Hydra's view of its configurations, kept to one folder: what leads out of it is never read.

Hydra itself asks here for each file, so no way to write a path, and no search path, gets around it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hydra
import yaml
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import ConfigRepository
from hydra.core.global_hydra import GlobalHydra
from hydra.core.object_type import ObjectType

from gitexp.errors import GitexpError

_KNOWN = "1.3."
"""The Hydra whose loader is known to ask the repository below for everything."""
_HINT = "`hydra: false` in gitexp.yaml has gitexp compose nothing."


def confine(root: Path, folder: Path) -> None:
    """Have the Hydra that was just initialized read what is in a folder of a project alone.

    Raises GitexpError for a Hydra that cannot be held to that.
    """
    loader = GlobalHydra.instance().config_loader()
    if not hydra.__version__.startswith(_KNOWN) or not isinstance(loader, ConfigLoaderImpl):
        raise GitexpError(
            f"gitexp composes with Hydra {_KNOWN}x, and Hydra {hydra.__version__} is here", _HINT
        )
    loader.repository = _Confined(loader, root, folder)


class _Confined(ConfigRepository):  # type: ignore[misc, unused-ignore]
    def __init__(self, loader: ConfigLoaderImpl, root: Path, folder: Path) -> None:
        self._root = root.resolve()
        self._folder = folder
        self._may_look = True
        super().__init__(loader.config_search_path)

    def initialize_sources(self, config_search_path: object) -> None:
        """Take the first search path, and none that a configuration or an override asks for."""
        if not self._may_look:
            raise GitexpError(
                "'hydra.searchpath' leads elsewhere: gitexp composes only what is in "
                f"'{self._named(self._folder)}'",
                _HINT,
            )
        self._may_look = False
        super().initialize_sources(config_search_path)

    def load_config(self, config_path: str) -> object:
        """Read a configuration."""
        self._check(config_path)
        try:
            return super().load_config(config_path)
        except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
            name = self._named(self._files(config_path)[-1])
            raise GitexpError(
                f"'{name}' is not valid YAML ({_place(error)})", f"Fix `{name}`, then try again."
            ) from error

    def group_exists(self, config_path: str) -> bool:
        """Return whether a folder is there."""
        self._check(config_path)
        return bool(super().group_exists(config_path))

    def config_exists(self, config_path: str) -> bool:
        """Return whether a configuration is there."""
        self._check(config_path)
        return bool(super().config_exists(config_path))

    def get_group_options(
        self, group_name: str, results_filter: ObjectType | None = ObjectType.CONFIG
    ) -> list[str]:
        """Return the configurations in a folder."""
        self._check(group_name)
        return list(super().get_group_options(group_name, results_filter))

    def _check(self, path: str) -> None:
        """Raise GitexpError for a path out of the folder, or one of a link out of the project."""
        if path.startswith("/") or ".." in path.split("/"):
            raise GitexpError(
                f"'{path}' leads out of '{self._named(self._folder)}': gitexp composes only what "
                "is there",
                _HINT,
            )
        for file in self._files(path):
            if not file.resolve().is_relative_to(self._root):
                raise GitexpError(
                    f"'{self._named(file)}' leads out of the project: Hydra composes nothing "
                    "from it",
                    _HINT,
                )

    def _files(self, path: str) -> list[Path]:
        """Return what a path may stand for: a folder, or a file whose ending need not be named."""
        names = [path] if path.endswith(".yaml") else [path, f"{path}.yaml"]
        return [self._folder / name for name in names]

    def _named(self, file: Path) -> str:
        return Path(os.path.relpath(file, self._root)).as_posix()


def _place(error: Exception) -> str:
    return ": ".join(_parts(error))


def _parts(error: Exception) -> Iterator[str]:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        yield f"line {mark.line + 1}, column {mark.column + 1}"
    said = getattr(error, "problem", None) or str(error).partition("\n")[0]
    yield said or type(error).__name__
