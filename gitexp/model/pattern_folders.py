"""Patterns asked once for a folder: which of the files in it they may match at all."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable

from gitexp.model.lazy_pattern import lazy_pattern

_PLAIN = lazy_pattern(r"[^\s!#\\\[\]](?:[^\\\[\]]*[^\s\\\[\]])?")
"""A line whose only wildcards are `*` and `?`, and which is neither a comment nor turned around."""
_ENDING = lazy_pattern(r"\*([^*?/]+)")
_STAR = lazy_pattern(r"[*?]")


class Within:
    """What lines of `.gitignore` may match of the files in a folder; never less than they do."""

    def __init__(self, lines: Iterable[str], folder: str) -> None:
        self._parts = folder.split("/") if folder else []
        self.is_all = False
        """Whether it may be any file."""
        self._names: set[str] = set()
        self._ends: list[str] = []
        self._starts: list[str] = []
        self._globs: list[re.Pattern[str]] = []
        for line in lines:
            if not self.is_all:
                self._add(line)
        self._ends_at = tuple(self._ends)
        self._starts_with = tuple(self._starts)

    @property
    def is_none(self) -> bool:
        """Whether it is no file whatever its name."""
        return not (self.is_all or self._names or self._ends or self._starts or self._globs)

    def may_match(self, name: str) -> bool:
        """Return whether a file of this name may match.

        >>> found = Within(["*.pt", "/runs/*/m.json"], "runs")
        >>> found.may_match("a.pt"), found.may_match("m.json")
        (True, False)
        """
        return (
            self.is_all
            or name in self._names
            or name.endswith(self._ends_at)
            or name.startswith(self._starts_with)
            or any(one.match(name) for one in self._globs)
        )

    def _add(self, line: str) -> None:
        if line.startswith(("!", "#")) or not line.strip():
            return  # takes files out, or says nothing
        if not _PLAIN.fullmatch(line):
            self.is_all = True
            return
        only_folders, words = line.endswith("/"), line.strip("/").split("/")
        if "" in words or "**" in line:
            self.is_all = True
        elif len(words) == 1 and not line.startswith("/"):
            self._add_name(words[0], only_folders=only_folders)
        else:
            self._add_path(words, only_folders=only_folders)

    def _add_name(self, word: str, *, only_folders: bool) -> None:
        """Add a line that holds at any depth."""
        ending = _ENDING.fullmatch(word)
        if ending is not None:
            self.is_all |= any(part.endswith(ending[1]) for part in self._parts)
            self._ends += [] if only_folders else [ending[1]]
        elif not _STAR.search(word):
            self.is_all |= word in self._parts
            self._names |= set() if only_folders else {word}
        else:
            glob = _glob(word)
            self.is_all |= any(glob.match(part) for part in self._parts)
            self._globs += [] if only_folders else [glob]

    def _add_path(self, words: list[str], *, only_folders: bool) -> None:
        """Add a line that begins at the top."""
        depth = len(self._parts)
        if not all(_is_like(word, part) for word, part in zip(words, self._parts, strict=False)):
            return
        if len(words) <= depth:
            self.is_all = True
        elif len(words) == depth + 1 and not only_folders:
            word = words[-1]
            if not _STAR.search(word):
                self._names.add(word)
            elif word.endswith("*") and not _STAR.search(word[:-1]):
                self._starts.append(word[:-1])
            else:
                self._globs.append(_glob(word))


def _is_like(word: str, part: str) -> bool:
    return word == part if not _STAR.search(word) else bool(_glob(word).match(part))


def _glob(word: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(word))
