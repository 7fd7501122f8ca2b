"""The paths that a command names, on its command line or in its params."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.record import RunRecord
from gitexp.model.values import flatten
from gitexp.project import Project

_WORD_ENDS = lazy_pattern(r"[\s='\",;:()<>|&\[\]{}]+")
"""What paths stand between, in words of a shell and in flags."""


def words_in(text: str) -> list[str]:
    """Return what may be paths in a line of a shell, or in a flag."""
    return [word for word in _WORD_ENDS.split(text) if word]


def places_in(text: str, folders: Iterable[Path]) -> Iterator[str]:
    """Yield where the words of a text lead to, if they are paths from one of the folders."""
    for folder in folders:
        for word in words_in(text):
            yield os.path.normpath(folder / word)


def named_paths(
    project: Project, command: Iterable[str], params: Mapping[str, bytes]
) -> frozenset[str]:
    """Return what a command and its params name in the repository, from its top."""
    here = project.repository.top / project.directory
    found = (texts_of(project, file, content) for file, content in params.items())
    texts = [text for texts in found for _, text in texts]
    return _named(project, here, command, texts)


def named_by(project: Project, record: RunRecord) -> frozenset[str]:
    """Return what the command and the params of a run named, from the top of the repository."""
    here = project.repository.top / record.directory
    texts = (text for values in record.params.values() for text in _texts_in(values))
    return _named(project, here, record.command, texts)


def _named(
    project: Project, here: Path, command: Iterable[str], texts: Iterable[str]
) -> frozenset[str]:
    top = project.repository.top
    found = {place for word in command for place in places_in(word, (here,))}
    found.update(place for text in texts for place in places_in(text, (here, project.root)))
    start = f"{top}{os.sep}"
    return frozenset(place[len(start) :] for place in found if place.startswith(start))


def texts_of(project: Project, file: str, content: bytes) -> Sequence[tuple[str, str]]:
    """Return the texts of a params file under their keys, those in lists too."""
    try:
        values = flatten(project.documents.draft(content, file))
    except GitexpError:  # reported elsewhere, or the command will write it
        return ()
    return [(key, text) for key, value in values.items() for text in _texts_in(value)]


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    inner = value if isinstance(value, list) else ()
    for one in value.values() if isinstance(value, dict) else inner:
        yield from _texts_in(one)
