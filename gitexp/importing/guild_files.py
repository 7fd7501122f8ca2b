"""What Guild AI keeps of a run in its folder `.guild`, each thing in a small text of its own."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from gitexp.errors import GitexpError, reason_of
from gitexp.importing.foreign import Artifact
from gitexp.importing.store_files import read_file
from gitexp.metrics.old_yaml import parse_old_yaml
from gitexp.metrics.reading import is_events
from gitexp.model.values import is_number

OWN = ".guild"
_SMALL = 1_000_000
_LARGEST_MANIFEST = 50_000_000
_MICROSECONDS = 1e6
_SHA1_DIGITS = 40
_KINDS = {"s": "source code", "d": "dependency"}
_MOST_FILES = 1000


class Attributes:
    """What stands in `.guild/attrs/`: a file of YAML for each."""

    def __init__(self, run: Path) -> None:
        self._folder = run / OWN / "attrs"

    def get(self, name: str) -> object:
        """Return an attribute, None if there is none; raises GitexpError for what is no YAML."""
        try:
            return parse_old_yaml(read_file(self._folder / name, _SMALL), name)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise GitexpError(reason_of(error)) from error

    def text(self, name: str) -> str:
        """Return an attribute that is a text, '' if it is none."""
        value = self.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Return an attribute that is a list, as texts."""
        value = self.get(name)
        return tuple(map(str, value)) if isinstance(value, list) else ()

    def moment(self, name: str) -> float | None:
        """Return an attribute that is a moment, in seconds since 1970."""
        value = self.get(name)
        return value / _MICROSECONDS if is_number(value) else None


def operation_of(run: Path) -> str:
    """Return the name of the operation, with its model in front if it has one."""
    try:
        text = read_file(run / OWN / "opref", _SMALL).decode()
        [_, _, model, name] = shlex.split(text)
    except (OSError, ValueError) as error:
        raise GitexpError("its 'opref', which names the operation, is not whole") from error
    return f"{model}:{name}" if model else name


def artifacts_of(run: Path) -> Iterator[Artifact]:
    """Yield the files that a run was given, with their hashes, and those that it left."""
    given: set[str] = set()
    for kind, path, digest in _manifest(run):
        given.add(path)
        known = f"sha1:{digest}" if len(digest) == _SHA1_DIGITS else ""
        yield Artifact(path, f"{run.name}/{path}", hash=known, kind=_KINDS.get(kind, kind))
    left = _MOST_FILES
    for top, inside, files in os.walk(run):
        if Path(top) == run and OWN in inside:
            inside.remove(OWN)
        for name in sorted(files):
            file = Path(top, name)
            path = file.relative_to(run).as_posix()
            if left and path not in given and not file.is_symlink() and not is_events(name):
                left -= 1
                yield Artifact(path, f"{run.name}/{path}", file.lstat().st_size)


def _manifest(run: Path) -> Iterator[tuple[str, str, str]]:
    """Yield kind, path and hash of each file that Guild put into the folder of a run."""
    with contextlib.suppress(FileNotFoundError):
        content = read_file(run / OWN / "manifest", _LARGEST_MANIFEST)
        for line in content.decode(errors="replace").splitlines():
            with contextlib.suppress(ValueError):
                [kind, path, digest, *_] = shlex.split(line)
                yield kind, path, digest
