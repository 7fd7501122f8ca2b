"""Configurations for a framework's own program: projects that train without one of theirs."""

from __future__ import annotations

import contextlib
import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from gitexp.survey.places import Place

_LARGEST = 100_000
_MOST = 20
_SPACY = frozenset({"[nlp]", "[training]"})
_OPEN = re.compile(r"^(train|dev) = null$", re.MULTILINE)


class Configuration(Struct, frozen=True):
    """A file that says how to train, and the command that takes it."""

    path: str
    words: tuple[str, ...]
    needed: tuple[str, ...]
    """Options without which it does not start."""
    place: Place
    why: str


def configurations(root: Path, files: Sequence[str]) -> Iterator[Configuration]:
    """Yield the configurations of spaCy among files, which `spacy train` takes.

    That in the folder of a model says how the model was trained.
    """
    known = set(files)
    found = [path for path in files if path.endswith(".cfg")]
    for path in [path for path in found if _beside(path, "meta.json") not in known][:_MOST]:
        with contextlib.suppress(OSError):  # it may have gone meanwhile, or is not to be read
            file = root / path
            text = file.read_text(errors="replace") if file.stat().st_size <= _LARGEST else ""
            if _SPACY.issubset(text.splitlines()):
                yield _of_spacy(path, text)


def _beside(path: str, name: str) -> str:
    return posixpath.join(posixpath.dirname(path), name)


def _of_spacy(path: str, text: str) -> Configuration:
    why = f"{path} is a configuration of spaCy"
    scores = Place(
        *("metrics", "meta.json", "**/model-best/meta.json"),
        f"{why}, whose models have their scores in meta.json, which it writes afresh",
        stale="keep",
    )
    paths = text.partition("[paths]\n")[2].partition("\n[")[0]
    return Configuration(
        path,
        ("-m", "spacy", "train", path, "--output", "output"),
        tuple(f"--paths.{name}" for name in _OPEN.findall(paths)),
        scores,
        why,
    )
