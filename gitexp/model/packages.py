"""What a run had installed, as the lines of `environment.txt`, which pip reads."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from gitexp.model.lazy_pattern import lazy_pattern

CONDA = "# conda: "
"""Begins the line of a conda package: a comment to pip."""

_NAME, _VERSION = r"([A-Za-z0-9][\w.-]*)", r"([\w.+!-]+)"
_SOURCE = r"((?:[a-z+]+://|\.)\S*)"
_PINNED = lazy_pattern(f"{_NAME}=={_VERSION}", re.ASCII)
_DIRECT = lazy_pattern(f"{_NAME} @ {_SOURCE}", re.ASCII)
_EDITABLE = lazy_pattern(f"-e {_SOURCE}", re.ASCII)
_ABOUT = lazy_pattern(f"{_NAME}=={_VERSION}(?:, (.+))?", re.ASCII)
_OF_CONDA = lazy_pattern(r"\w[\w.-]*=[\w.!+-]+=\w[\w.]*", re.ASCII)
"""A run may come from anybody: no line may be an option of pip's, or of conda's."""


class Package(Struct, frozen=True):
    """One package, and what it takes to install it again."""

    name: str
    """Normalised as PEP 503 says."""
    version: str
    source: str = ""
    """A URL as pip reads it, or a path from the project's folder; empty for an index."""
    editable: bool = False
    remark: str = ""
    """What makes another package of it than its source says."""

    @property
    def line(self) -> str:
        """The line of `environment.txt`.

        >>> Package("six", "1.16", "file:///six.whl").line
        'six @ file:///six.whl  # six==1.16'
        """
        if not self.source:
            return f"{self.name}=={self.version}"
        about = f"# {self.name}=={self.version}" + (f", {self.remark}" if self.remark else "")
        what = f"-e {self.source}" if self.editable else f"{self.name} @ {self.source}"
        return f"{what}  {about}"

    @property
    def is_local(self) -> bool:
        """Whether the version is a build of its own, which the public index does not have."""
        return "+" in self.version and not self.source

    @property
    def text(self) -> str:
        """What tells it from others of its name."""
        mark = " (editable)" if self.editable else ""
        return f"{self.version} @ {self.source}{mark}" if self.source else self.version


def parse_packages(lines: Iterable[str]) -> tuple[Package, ...]:
    """Read the lines of an `environment.txt`; what is not a package is passed over.

    >>> parse_packages(["-e ./lib  # lib==0.1", "# conda: mkl=2023=h1"])
    (Package(name='lib', version='0.1', source='./lib', editable=True, remark=''),)
    """
    return tuple(found for line in lines if (found := _package(line)) is not None)


def package_lines(packages: Iterable[Package]) -> tuple[str, ...]:
    """Return the lines of `environment.txt`, each of which `parse_packages` reads back."""
    return tuple(one.line for one in packages)


def package_texts(lines: Iterable[str]) -> dict[str, str]:
    """Return by name what tells each package from others of its name.

    >>> package_texts(["six==1.16.0", "-e ./lib  # lib==0.1"])
    {'six': '1.16.0', 'lib': '0.1 @ ./lib (editable)'}
    """
    return {one.name: one.text for one in parse_packages(lines)}


def conda_packages(lines: Iterable[str]) -> tuple[str, ...]:
    """Return what conda had installed, as `name=version=build`."""
    told = (line[len(CONDA) :] for line in lines if line.startswith(CONDA))
    return tuple(one for one in told if _OF_CONDA.fullmatch(one))


def _package(line: str) -> Package | None:
    what, _, comment = line.partition("  # ")
    if pinned := _PINNED.fullmatch(what.strip()):
        return Package(pinned[1], pinned[2])
    about = _ABOUT.fullmatch(comment.strip())
    if about is None:
        return None
    name, version, remark = about[1], about[2], about[3] or ""
    if direct := _DIRECT.fullmatch(what.strip()):
        return Package(name, version, direct[2], remark=remark)
    if editable := _EDITABLE.fullmatch(what.strip()):
        return Package(name, version, editable[1], editable=True, remark=remark)
    return None
