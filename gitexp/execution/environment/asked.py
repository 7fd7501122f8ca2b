"""Which Python a process is: found out from what the system knows of it, as Python itself does."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from gitexp.execution.environment.interpreter import is_python
from gitexp.execution.environment.tree import Image, directory_of, mapped_files
from gitexp.model.lazy_pattern import lazy_pattern

_TOOLS = frozenset(
    "uv uvx poetry pipenv pdm hatch rye pixi conda mamba micromamba conda-env pip pipx tox nox"
    " virtualenv venv ensurepip build dvc doit gitexp inv invoke snakemake pre-commit"
    " __pip-runner__ _in_process py_info".split()
)
"""Programs whose own Python says nothing of the command that they start."""

_WITH_VALUE = ("-X", "-W", "--check-hash-based-pycs")
_INLINE = frozenset(("-c", "-"))
_PIP = lazy_pattern(r"pip[\d.]*")
_SITE = lazy_pattern(r"(.*)/lib(?:64)?/(?:python|pypy)[\d.]+t?/site-packages/")


def is_tool(words: Sequence[str]) -> bool:
    """Return whether a process makes environments, or runs others, rather than the user's code.

    >>> [is_tool(words.split()) for words in ("python -m pip install x", "uv run t.py",
    ...     "/venv/bin/python -E /usr/bin/poetry run train", "python -m train", "python train.py")]
    [True, True, True, False, False]
    """
    if not words:
        return False
    name = Path(words[0]).name
    if is_python(name.lower()):
        name = _script(words)
    name = name.removesuffix(".py")
    return name.partition(".")[0] in _TOOLS or _PIP.fullmatch(name) is not None


def is_question(words: Sequence[str], parent: Sequence[str], asked: str) -> bool:
    """Return whether a tool has started a Python only to learn something, or to build a package.

    That is code in place of a script, unless it stands in the command that the user gave.
    """
    if not is_tool(parent):
        return False
    options = _options(words)
    if "-I" in options:
        return not re.search(r"(?<!\S)-I\b", asked)
    if not _INLINE.intersection(options):
        return False
    text = words[len(options) + 1] if len(words) > len(options) + 1 else ""
    return text not in asked or not text


def _options(words: Sequence[str]) -> list[str]:
    """Return the interpreter's own options, up to what it is to run."""
    found: list[str] = []
    rest = list(words[1:])
    while rest and rest[0].startswith("-"):
        found.append(rest.pop(0))
        if found[-1] in _WITH_VALUE and rest:
            found.append(rest.pop(0))
        if found[-1] in ("-m", *_INLINE):
            break
    return found


def _script(words: Sequence[str]) -> str:
    options = _options(words)
    rest = words[len(options) + 1 :]
    if not rest or _INLINE.intersection(options):
        return ""
    return rest[0] if "-m" in options else Path(rest[0]).name


def names_itself(image: Image, environment: Mapping[str, str]) -> Path | None:
    """Return the Python that a command line names, if it is the one that is executed.

    That is how a Python finds its own virtual environment: by the name that it was called by.
    """
    launcher = environment.get("__PYVENV_LAUNCHER__")  # macOS, where the first word is another
    if launcher and os.access(launcher, os.X_OK):
        return Path(launcher)
    folder = directory_of(image.pid) or Path()
    first = image.words[0]
    places = [""] if os.sep in first else environment.get("PATH", os.defpath).split(os.pathsep)
    for place in places:
        path = Path(os.path.normpath(folder / place)) / first if place else folder / first
        if os.access(path, os.X_OK) and not path.is_dir():
            return path if _is_same(path, image.program) else None
    return None


def _is_same(path: Path, program: str) -> bool:
    if sys.platform == "darwin":  # a framework's Python starts an application of another name
        return is_python(path.name)
    try:
        return path.samefile(program.removesuffix(" (deleted)"))
    except OSError:
        return False


def by_its_libraries(image: Image) -> Path:
    """Return the Python of a process that has given itself another name.

    Its extension modules are mapped from the site-packages that it uses.
    """
    program = Path(image.program.removesuffix(" (deleted)"))
    for path in mapped_files(image.pid):
        if found := _SITE.match(str(path)):
            python = Path(found[1], "bin", "python")
            if python.exists() and _is_same(python, image.program):
                return python
    return program
