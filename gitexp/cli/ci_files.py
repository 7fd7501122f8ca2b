"""The files that `gitexp init --ci` installs."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import zlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from msgspec import Struct

from gitexp.cli.templates import ci_template
from gitexp.hosts.host import HostName

_GITLAB = ".gitlab-ci.yml"
_PLACE = re.compile(r'(?:working-directory: |- (?="cd ))(".*")$', re.MULTILINE)
"""Where a template names the folder that a file is about."""


class CiFiles(Struct, frozen=True):
    """What makes CI review the pull requests of one project."""

    files: Mapping[str, bytes]
    """By their path from the top."""
    steps: tuple[str, ...] = ()
    """What is left to be done by hand."""
    edited: tuple[str, ...] = ()
    """What was there before and is edited by that, by its path from the top."""


def ci_files(host: HostName, top: Path, folder: str) -> CiFiles:
    """Return the files for a project; those of another project have other names."""
    is_github, source = host == "github", _source()
    name, path = _name_and_path(host, top, folder)
    text = ci_template(host).decode()
    for mark, value in (
        ("@FOLDER@", folder or "."),
        ("@CD@", f"cd {shlex.quote(folder or '.')}"),
        ("@JOB@", name),
        ("@GROUP@", f"{name}-${{{{ github.ref }}}}"),
        ("@CHECK@", f"review ({folder})" if folder else "review"),
        ("@SOURCE@", source),
    ):
        text = text.replace(f'"{mark}"', json.dumps(value, ensure_ascii=False))
    is_told = source or (top / path).exists()
    steps = (
        () if is_told else (f"set GITEXP in {_from(folder, path)} to where CI gets gitexp from",)
    )
    if is_github:
        return CiFiles({path: text.encode()}, steps)
    include = f"include:\n  - local: /{path}\n"
    main = top / _GITLAB
    if not main.exists():
        return CiFiles({path: text.encode(), _GITLAB: include.encode()}, steps)
    if f"/{path}".encode() in main.read_bytes():
        return CiFiles({path: text.encode()}, steps)
    step = f"add '- local: /{path}' under 'include:' in {_from(folder, _GITLAB)}"
    return CiFiles({path: text.encode()}, (*steps, step), (_GITLAB,))


def _name_and_path(host: HostName, top: Path, folder: str) -> tuple[str, str]:
    """Return the job's name and its file, not the same for projects in `a/b` and in `a-b`."""
    name = f"gitexp-{re.sub(r'[^A-Za-z0-9_.-]+', '-', folder)}" if folder else "gitexp"
    place = ".github/workflows" if host == "github" else ".gitlab"
    there = top / place / f"{name}.yml"
    found = _PLACE.search(there.read_text("utf-8", "replace")) if there.is_file() else None
    own = (folder or ".", f"cd {shlex.quote(folder or '.')}")
    if found is not None and found[1] not in [json.dumps(one, ensure_ascii=False) for one in own]:
        name = f"{name}-{zlib.crc32(folder.encode()):08x}"
    return name, f"{place}/{name}.yml"


def _from(folder: str, path: str) -> str:
    return os.path.relpath(path, folder or ".")


def _source() -> str:
    """Return what this gitexp was installed from, where CI can get it from there, too.

    What came from a folder, by a key of the user's (`ssh:`) or from an index is for a person to
    say: the index may be a private one, and on a public one the name may be anybody's.
    """
    with contextlib.suppress(PackageNotFoundError, ValueError, KeyError, TypeError):
        found = json.loads(distribution("gitexp").read_text("direct_url.json") or "{}")
        url, vcs = str(found["url"]), found.get("vcs_info")
        if url.startswith("https://"):
            address = f"{vcs['vcs']}+{url}@{vcs['commit_id']}" if vcs else url
            below = f"#subdirectory={found['subdirectory']}" if "subdirectory" in found else ""
            return f"gitexp @ {address}{below}"
    return ""
