"""Patterns of `gitexp.yaml`, matched as `.gitignore` lines are."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from gitexp.model.lazy_pattern import lazy_pattern

_SPECIAL = lazy_pattern(r"[?\[\]\\!#]|//|\*\*|^\s|\s$")
_WILDCARD = lazy_pattern(r"[*?\[]")
_ENDING = lazy_pattern(r"\*[^*?\[\]\\!#/\s]+")
_DIGITS = lazy_pattern(r"([0-9]{1,20})")
_KNOWN: dict[tuple[str, ...], dict[str, bool]] = {}
"""The answers for each path, by the lines: a run asks about the same files when it begins and ends.
"""
_MOST = 50_000

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


_Test = Callable[[list[str], str], bool]
"""Says whether a line matches a file, given the folders above it and its name."""


def is_pattern(path: str) -> bool:
    """Return whether a path may stand for several.

    >>> is_pattern("logs/*/hparams.yaml"), is_pattern("params.yaml")
    (True, False)
    """
    return _WILDCARD.search(path) is not None


def name_by(pattern: str, path: str) -> str:
    """Return what a file is called by the pattern that finds it: without folders of one run.

    >>> name_by("outputs/*/*/.hydra/config.yaml", "outputs/2026-11-29/14-30/.hydra/config.yaml")
    'outputs/.hydra/config.yaml'
    >>> name_by("logs/**/args.json", "logs/a/b/args.json")
    'logs/args.json'
    """
    parts, (*folders, name) = pattern.removeprefix("./").split("/"), path.split("/")
    if len(parts) == len(folders) + 1 and "**" not in parts:
        kept = [one for part, one in zip(parts, folders, strict=False) if not is_pattern(part)]
    else:
        kept = list(itertools.takewhile(lambda part: not is_pattern(part), parts[:-1]))
    return "/".join((*kept, name))


def in_order(path: str) -> list[tuple[int, str]]:
    """Return what sorts paths as people count: `version_9` before `version_10`.

    >>> sorted(["v10/a", "v9/a"], key=in_order)
    ['v9/a', 'v10/a']
    """
    return [(int(part), "") if part.isdecimal() else (0, part) for part in _DIGITS.split(path)]


class Patterns:
    """Some `.gitignore` lines; paths are relative to the project."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        self._known = _KNOWN.setdefault(self.lines, {})

    @classmethod
    def anchored(cls, globs: Iterable[str]) -> Patterns:
        """Return patterns that start at the project's folder, as paths do."""
        return cls(f"/{glob.removeprefix('./').lstrip('/')}" for glob in globs)

    @cached_property
    def _tests(self) -> list[_Test] | None:
        """The tests of the lines, or None if one needs the whole of git's grammar.

        Endings are one test together: each file of a project is asked about some thirty.
        """
        ends = tuple(line[1:] for line in self.lines if _ENDING.fullmatch(line))
        tests = [_simple(line) for line in self.lines if not _ENDING.fullmatch(line)]
        if None in tests:
            return None
        known = [test for test in tests if test is not None]
        return [_ending_test(ends), *known] if ends else known

    def _matches(self, path: str) -> bool:
        if self._tests is None:
            return self._spec.match_file(path)
        *folders, name = path.split("/")  # of a folder, 'a/b/', the name is ''
        return any(test(folders, name) for test in self._tests)

    @cached_property
    def _spec(self) -> GitIgnoreSpec:
        from gitexp.model.steady_patterns import (  # noqa: PLC0415 - 15 ms, mostly while a command runs
            spec_of,
        )

        return spec_of(self.lines)

    def match(self, path: str) -> bool:
        """Return whether a file matches, itself or by a folder above it."""
        if not self.lines:
            return False
        found = self._known.get(path)
        if found is None:
            found = self._matches(path)
            if len(self._known) < _MOST:
                self._known[path] = found
        return found

    def reaches_below(self, folder: str) -> bool:
        """Return whether a file below `folder` may match, so that a walk is worth it.

        >>> Patterns(["/metrics.json", "/out/*/m.json"]).reaches_below("data")
        False
        """
        return any(_reaches(line, f"{folder.rstrip('/')}/") for line in self.lines)

    def folder_of(self, path: str) -> str | None:
        """Return the outermost folder above `path` that matches as a whole, such as `checkpoints/`.

        >>> Patterns(["checkpoints/", "*.pt"]).folder_of("checkpoints/a/1.pt")
        'checkpoints'
        """
        if not self.lines:
            return None
        parts = path.split("/")
        above = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
        return next((folder for folder in above if self._matches(f"{folder}/")), None)


def _simple(line: str) -> _Test | None:
    """Return a test for a line of a plain form; pathspec, which knows all, takes 20 ms to import.

    The forms are `name`, `folder/`, and from the project's folder on `/path/name`,
    `/path/folder/` and `/start*`.
    """
    if _SPECIAL.search(line) or not line.strip("/"):
        return None
    only_folders = line.endswith("/")
    anchored = line.startswith("/")
    words = line.strip("/").split("/")
    if len(words) > 1 and not anchored:
        return None
    if "*" not in line:
        return _path_test(words, only_folders) if anchored else _name_test(words[0], only_folders)
    if len(words) > 1 or only_folders or words[0].count("*") > 1 or not anchored:
        return None
    return _start_test(words[0])


def _start_test(word: str) -> _Test | None:
    start = word[:-1]
    return (
        (lambda folders, name: [*folders, name][0].startswith(start)) if word[-1] == "*" else None
    )


def _ending_test(ends: tuple[str, ...]) -> _Test:
    def test(folders: list[str], name: str) -> bool:
        return name.endswith(ends) or any(part.endswith(ends) for part in folders)

    return test


def _path_test(words: list[str], only_folders: bool) -> _Test:
    depth = len(words)

    def test(folders: list[str], name: str) -> bool:
        return folders[:depth] == words or (not only_folders and [*folders, name] == words)

    return test


def _name_test(word: str, only_folders: bool) -> _Test:
    return lambda folders, name: word in folders or (not only_folders and name == word)


def _reaches(line: str, folder: str) -> bool:
    if "/" not in line.rstrip("/"):
        return True  # such a line holds at any depth
    fixed = _WILDCARD.split(line.lstrip("/"))[0]
    return fixed.startswith(folder) or folder.startswith(fixed)
