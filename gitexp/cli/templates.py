"""The files that `gitexp init` copies: the commented settings, starter projects, CI."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.settings.config import CONFIG_NAME

_JUNK = ("__pycache__",)


def default_config() -> bytes:
    """Return a `gitexp.yaml` with every setting commented out."""
    return (_folder() / CONFIG_NAME).read_bytes()


def template_names() -> tuple[str, ...]:
    """Return the names of the starter projects: folders with a `gitexp.yaml`."""
    return tuple(sorted(path.parent.name for path in _folder().glob(f"*/{CONFIG_NAME}")))


def read_template(name: str) -> Mapping[str, bytes]:
    """Return the files of a starter project by their path in it."""
    known = template_names()
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        meant = f"Did you mean '{close[0]}'? " if close else ""
        raise GitexpError(
            f"no template '{name}'", hint=f"{meant}There is {', '.join(map(repr, known))}."
        )
    folder = _folder() / name
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not set(path.parts).intersection(_JUNK)
    }


def ci_template(host: str, kind: str = "") -> bytes:
    """Return what CI of a host is to run, with marks for what differs between projects."""
    return (_folder() / "ci" / f"{host}{f'-{kind}' if kind else ''}.yml").read_bytes()


def steps_of(files: Mapping[str, bytes]) -> list[str]:
    """Return what a starter project's README says to do: its indented lines."""
    lines = files["README.md"].decode().splitlines()
    return [line[4:] for line in lines if line.startswith("    ")]


def _folder() -> Path:
    """Return where the templates lie: in the package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    shipped = package / "_templates"
    return shipped if shipped.is_dir() else package.parent / "templates"
