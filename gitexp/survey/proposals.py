"""The lines of `gitexp.yaml` that fit what a project holds, each with its reason."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.model.documents.reading import is_editable
from gitexp.settings.config import DEFAULT_TRACK
from gitexp.settings.parsing import parse_config
from gitexp.survey.beside import shared_folders
from gitexp.survey.configurations import Configuration
from gitexp.survey.frameworks import trackers_of
from gitexp.survey.places import Place
from gitexp.survey.programs import interpreter_of, is_clear, words_of
from gitexp.survey.sources import Source
from gitexp.survey.wording import PLAIN_COMMAND, listed_names, quoted

_PARAMS = re.compile(r"(params|hparams|hyper_?params|config|train_config|settings)\.[a-z]+")
_DEFAULT = "params.yaml"


class Setting(Struct, frozen=True):
    """A line of `gitexp.yaml`, or a few, and why it is there."""

    key: str
    text: str
    """As YAML, with the key."""
    why: str


def command_setting(
    programs: Sequence[Source], files: Sequence[str], *, has_stages: bool
) -> Iterator[Setting]:
    """Yield the command, if it is clear which program trains and nothing else is to be named."""
    if has_stages or not programs or not is_clear(programs) or programs[0].required:
        return
    words = quoted(shlex.join(words_of(programs[0], files)), PLAIN_COMMAND)
    flags = f", and takes {listed_names(programs[0].options)}" if programs[0].options else ""
    why = f"{programs[0].path} is the program that trains{flags}."
    yield Setting("command", f"command: {words}", why)


def configured_command(configs: Sequence[Configuration], files: Sequence[str]) -> Iterator[Setting]:
    """Yield the command of the one configuration that starts a training."""
    if len(configs) == 1 and not configs[0].needed:
        words = shlex.join([*interpreter_of(files), *configs[0].words])
        yield Setting("command", f"command: {json.dumps(words)}", f"{configs[0].why}.")


def params_setting(
    root: Path, files: Sequence[str], sources: Sequence[Source], places: Iterable[Place]
) -> Iterator[Setting]:
    """Yield the files of params that are there, or that programs read."""
    found: dict[str, str] = {}
    composed = any(one.flags == "hydra" for one in sources)
    for path in filter(_may_be_params, files):
        readers = [one.path for one in sources if _names(one, path)]
        readers.sort(key=lambda one: posixpath.dirname(one) != posixpath.dirname(path))
        if path == _DEFAULT or (readers and not composed):
            found[path] = f"{path} is read by {readers[0]}" if readers else f"{path} is there"
    for place in places:
        if place.kind == "params":
            found.setdefault(place.pattern, place.why)
    if not [path for path in found if path != _DEFAULT]:
        return
    if (root / _DEFAULT).is_file():
        found.setdefault(_DEFAULT, f"{_DEFAULT} is there")
    listed = ", ".join(map(quoted, found))
    yield Setting("params", f"params: [{listed}]", f"{'; '.join(dict.fromkeys(found.values()))}.")


def _may_be_params(path: str) -> bool:
    called_so = _PARAMS.fullmatch(posixpath.basename(path)) is not None
    return path == "params.py" or (called_so and is_editable(path))


def _names(source: Source, path: str) -> bool:
    """Return whether a source names a file, by its path or its name alone, or imports it."""
    name = posixpath.basename(path)
    imported = path.endswith(".py") and path.removesuffix(".py") in source.imports
    return imported or any(one in (path, name, f"./{path}") for one in source.files)


def track_setting(root: Path, repository: Repository, places: Iterable[Place]) -> Iterator[Setting]:
    """Yield what has models recorded that lie where git ignores everything."""
    for place in places:
        folder = posixpath.dirname(re.split(r"[*?[]", place.pattern)[0])
        inside = f"{repository.relative(root / folder)}/model" if folder else ""
        if inside and repository.attempt("check-ignore", "-q", "--", inside).returncode == 0:
            listed = ", ".join(json.dumps(one) for one in DEFAULT_TRACK)
            why = f"git ignores {folder}, where runs put what they write, models too."
            yield Setting("track", f"track: [{listed}]", why)
            return


def shared_setting(
    root: Path, repository: Repository, sources: Iterable[Source]
) -> Iterator[Setting]:
    """Yield the folders outside of the project that its code is imported from."""
    found = shared_folders(root, repository.top, sources)
    if found:
        listed = ", ".join(json.dumps(folder) for folder in found)
        reasons = [f"{path} imports {name}" for name, path in found.values()]
        why = f"{'; '.join(reasons)}, from outside of this folder."
        yield Setting("shared", f"shared: [{listed}]", why)


def capture_setting(sources: Sequence[Source]) -> Iterator[Setting]:
    """Yield the trackers that programs log with."""
    found: dict[str, str] = {}
    for source in sources:
        for tracker in trackers_of(source):
            found.setdefault(tracker, f"{source.path} logs with {tracker}")
    if found:
        yield Setting(
            "capture",
            f"capture: [{', '.join(found)}]",
            f"{'; '.join(found.values())}: what it logs is recorded.",
        )


def is_readable(one: Setting) -> bool:
    """Return whether a setting says what it means, and that alone: it is made of others' texts."""
    try:
        return one.why.isprintable() and bool(parse_config(one.text.encode()))
    except GitexpError:
        return False
