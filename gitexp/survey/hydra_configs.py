"""What a configuration of Hydra says: where runs put their files, and what they log."""

from __future__ import annotations

import contextlib
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from gitexp.errors import GitexpError
from gitexp.model.documents.reading import parse_document
from gitexp.model.values import Value, flatten
from gitexp.survey.places import EVENTS, Place
from gitexp.survey.sources import Source

Read = Callable[[str], bytes | None]
"""Returns the content of a file of the project."""

_OUTPUTS = "outputs/*/*"
"""Where Hydra puts the folder of each run unless it is told."""
_FOR = re.compile(r"\$\{([\w.]+)\}")
_OTHER = re.compile(r"\$\{[^${}]*\}")
_UNKNOWN = "*"
_DEEPEST = 10
_MOST = 100
"""Configuration files that are read."""
_ENDS = (".yaml", ".yml")


def hydra_places(source: Source, files: Iterable[str], read: Read) -> Iterator[Place]:
    """Yield where a program that Hydra runs has its values."""
    if source.flags != "hydra":
        return
    why = f"{source.path} is run by Hydra, which keeps what it composed"
    configs = _Configs(source, files, read)
    folder = configs.run_folder
    yield Place("params", "", f"{folder}/.hydra/config.yaml", why)
    targets = configs.targets
    for logger, name, file in (
        ("CSVLogger", "metrics.csv", "metrics.csv"),
        ("TensorBoardLogger", "tensorboard", EVENTS),
    ):
        path = targets.get(logger)
        if path is not None:
            yield Place("metrics", name, f"{folder}/**/{file}", f"{path} has a {logger}")
            return


class _Configs:
    """The files of a configuration folder."""

    def __init__(self, source: Source, files: Iterable[str], read: Read) -> None:
        main = next((one for one in source.called("main") if "config_name" in one.keywords), None)
        path = main.text(1, "config_path", "") if main is not None else ""
        name = main.text(2, "config_name", "") if main is not None else ""
        folder = posixpath.normpath(posixpath.join(posixpath.dirname(source.path), path or "."))
        self._start = "" if folder == "." else f"{folder}/"
        inside = [one for one in files if one.startswith(self._start) and one.endswith(_ENDS)]
        self._texts: dict[str, str] = {}
        for path in inside[:_MOST] if main is not None else ():
            content = read(path)
            if content is not None:
                self._texts[path] = content.decode(errors="replace")
        self._main = f"{self._start}{name.removesuffix('.yaml')}.yaml"

    @property
    def run_folder(self) -> str:
        """The folder of each run, as a pattern."""
        in_main = self._values(self._main).get("hydra.run.dir")
        groups = sorted(path for path in self._texts if path.startswith(f"{self._start}hydra/"))
        in_groups = (self._values(path).get("run.dir") for path in groups)
        said = next((one for one in (in_main, *in_groups) if isinstance(one, str)), _OUTPUTS)
        parts = [re.sub(r"\*+", "*", part) for part in self._expanded(said).split("/")]
        while parts and parts[0] == _UNKNOWN:  # a variable with the project's folder
            parts.pop(0)
        found = posixpath.normpath("/".join(parts)) if parts else "."
        return _OUTPUTS if found == "." else found

    @property
    def targets(self) -> Mapping[str, str]:
        """What `_target_` names, by its last name, with the file that does."""
        found: dict[str, str] = {}
        for path, text in self._texts.items():
            for line in text.splitlines():
                key, _, value = line.strip().partition(":")
                if key == "_target_":
                    found.setdefault(value.strip().strip("'\"").rpartition(".")[2], path)
        return found

    def _expanded(self, text: str, depth: int = 0) -> str:
        if depth == _DEEPEST:
            return _UNKNOWN
        text = _FOR.sub(lambda found: self._expanded(self._named(found[1]), depth + 1), text)
        return _OTHER.sub(_UNKNOWN, text)

    def _named(self, name: str) -> str:
        """Return a value that another one refers to: of the main file, or of a group's."""
        group, _, key = name.partition(".")
        groups = sorted(path for path in self._texts if path.startswith(f"{self._start}{group}/"))
        places = ((self._main, name), *((path, key) for path in groups))
        values = (self._values(path).get(wanted) for path, wanted in places)
        return next((one for one in values if isinstance(one, str)), _UNKNOWN)

    def _values(self, path: str) -> Mapping[str, Value]:
        if path in self._texts:
            with contextlib.suppress(GitexpError):
                return flatten(parse_document(self._texts[path].encode(), path))
        return {}
