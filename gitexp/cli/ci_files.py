"""The files that `gitexp init --ci` installs."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from gitexp.cli.templates import ci_template
from gitexp.hosts.host import HostName

_GITLAB = ".gitlab-ci.yml"


class CiFiles(Struct, frozen=True):
    """What makes CI review the pull requests of one project."""

    files: Mapping[str, bytes]
    """By their path from the top."""
    steps: tuple[str, ...] = ()
    """What is left to be done by hand."""


def ci_files(host: HostName, top: Path, folder: str) -> CiFiles:
    """Return the files for a project; those of another project have other names."""
    name = f"gitexp-{re.sub(r'[^A-Za-z0-9_.-]+', '-', folder)}" if folder else "gitexp"
    text = ci_template(host).decode()
    for mark, value in (
        ("@FOLDER@", folder or "."),
        ("@CD@", f"cd {shlex.quote(folder or '.')}"),
        ("@JOB@", name),
    ):
        text = text.replace(f'"{mark}"', json.dumps(value, ensure_ascii=False))
    if host == "github":
        return CiFiles({f".github/workflows/{name}.yml": text.encode()})
    path = f".gitlab/{name}.yml"
    include = f"include:\n  - local: /{path}\n"
    main = top / _GITLAB
    if not main.exists():
        return CiFiles({path: text.encode(), _GITLAB: include.encode()})
    known = f"/{path}".encode() in main.read_bytes()
    step = f"add '- local: /{path}' under 'include:' in {_GITLAB}"
    return CiFiles({path: text.encode()}, () if known else (step,))
