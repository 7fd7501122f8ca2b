"""The interpreters of this machine: which of them is the Python that a run used."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.execution.environment.interpreter import is_python
from gitexp.execution.rebuild.tools import ToolFailed, find_tool, run_tool

_PATIENCE = 60.0
_VERSION = re.compile(r"\d+(\.\d+)*[\w+]*", re.ASCII)
"""It is part of the paths that are tried, and may come from anybody."""
_QUESTION = "import sys; print(sys.version.split()[0].rstrip('+')); print(sys._base_executable)"


def find_python(version: str, recorded: str | None, tell: Callable[[str], None]) -> Path:
    """Return a Python of this version, or with a warning of another patch level.

    Raises GitexpError if there is none of its series.
    """
    if _VERSION.fullmatch(version) is None:
        raise GitexpError(
            f"'{version}', which the run names, is no version of Python",
            hint="Name the Python to use with `--python PATH`.",
        )
    series = ".".join(version.split(".")[:2])
    alike: dict[str, Path] = {}
    for candidate in _candidates(version, series, recorded):
        found = ask_python(candidate)
        if found is None:
            continue
        if found[0] == version:
            return found[1]
        if found[0].startswith(f"{series}."):
            alike.setdefault(found[0], found[1])
    if not alike:
        raise GitexpError(
            f"there is no Python {version} here, nor another {series}",
            hint=f"Install Python {series}, or name one that will do with `--python PATH`.",
        )
    other, path = next(iter(alike.items()))
    tell(f"warning: there is no Python {version} here; {other} is used")
    return path


def ask_python(program: Path) -> tuple[str, Path] | None:
    """Return the version of a Python and where it is itself, None if it is not a working one."""
    try:
        ended = subprocess.run(
            [program, "-I", "-S", "-c", _QUESTION],
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE,
        )
        version, base = os.fsdecode(ended.stdout).splitlines()
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return version, Path(base)


def _candidates(version: str, series: str, recorded: str | None) -> Iterator[Path]:
    """Yield programs that may be the Python, the run's own first, each once."""
    seen = set()
    for path in _places(version, series, recorded):
        place = Path(os.path.realpath(path))
        if place not in seen and os.access(path, os.X_OK):
            seen.add(place)
            yield path


def _places(version: str, series: str, recorded: str | None) -> Iterator[Path]:
    if recorded and Path(recorded).is_absolute() and is_python(recorded):
        yield Path(recorded)
    home = Path.home()
    yield home / ".pyenv" / "versions" / version / "bin" / "python"
    yield from sorted(home.glob(f".local/share/uv/python/*-{version}-*/bin/python{series}"))
    yield Path(sys.executable)
    for name in (f"python{series}", "python3", "python"):
        for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
            if found := shutil.which(name, path=folder):
                yield Path(found)
    if find_tool("uv"):
        for wanted in (version, series):
            try:
                yield Path(run_tool(["uv", "python", "find", "--no-project", wanted]).strip())
            except ToolFailed:
                continue
    yield from sorted(home.glob(f".pyenv/versions/{series}.*/bin/python"))
