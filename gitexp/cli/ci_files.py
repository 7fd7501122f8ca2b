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


def ci_files(
    host: HostName, top: Path, folder: str, branch: str, *, models: bool = False
) -> CiFiles:
    """Return the files for a project; those of another project have other names.

    Pushes of `branch` bring runs, not code. With `models`, there is one more, for what becomes of
    a model that somebody promotes.
    """
    kinds = ("", "models") if models else ("",)
    named = {kind: _name_and_path(host, top, folder, kind) for kind in kinds}
    files = {
        path: _filled(ci_template(host, kind).decode(), _marks(host, kind, name, folder, branch))
        for kind, (name, path) in named.items()
    }
    steps = tuple(
        f"set GITEXP in {_from(folder, path)} to where CI gets gitexp from"
        for path in files
        if not _source() and not (top / path).exists()
    )
    if host == "github":
        return CiFiles(files, steps)
    main = top / _GITLAB
    if not main.exists():
        lines = "".join(f"  - local: /{path}\n" for path in files)
        return CiFiles({**files, _GITLAB: f"include:\n{lines}".encode()}, steps)
    there = main.read_bytes()
    missing = [path for path in files if f"/{path}".encode() not in there]
    added = tuple(
        f"add '- local: /{path}' under 'include:' in {_from(folder, _GITLAB)}" for path in missing
    )
    return CiFiles(files, (*steps, *added), (_GITLAB,) if missing else ())


def _filled(text: str, marks: Mapping[str, str]) -> bytes:
    for mark, value in marks.items():
        text = text.replace(f'"@{mark}@"', json.dumps(value, ensure_ascii=False))
    return text.encode()


def _marks(host: HostName, kind: str, name: str, folder: str, branch: str) -> Mapping[str, str]:
    """Return what stands for each mark of a template."""
    check = "model" if kind else "review"
    return {
        "FOLDER": folder or ".",
        "CD": f"cd {shlex.quote(folder or '.')}",
        "JOB": name,
        "GROUP": f"{name}-${{{{ github.ref }}}}",
        "CHECK": f"{check} ({folder})" if folder else check,
        "IF": _about_models(host, folder),
        "EXPERIMENTS": branch,
        "RUNS": f'$CI_COMMIT_BRANCH == "{branch}" || $CI_OPEN_MERGE_REQUESTS',
        "SOURCE": _source(),
    }


def _about_models(host: HostName, folder: str) -> str:
    """Return the condition that a tag is about a model of the project."""
    if host == "gitlab":
        start = re.escape(folder).replace("/", r"\/") + "=" if folder else ""
        return f"$CI_COMMIT_TAG =~ /^{start}[^=!]+(@v|#)[^!]*$/"
    doubled = folder.replace("'", "''")  # as GitHub's expressions write it
    mine = f"startsWith(github.ref_name, '{doubled}=')"
    other = "!contains(github.ref_name, '=')"
    return f"!contains(github.ref_name, '!') && {mine if folder else other}"


def _name_and_path(host: HostName, top: Path, folder: str, kind: str) -> tuple[str, str]:
    """Return the job's name and its file, not the same for projects in `a/b` and in `a-b`."""
    start = "gitexp-models" if kind else "gitexp"
    name = f"{start}-{re.sub(r'[^A-Za-z0-9_.-]+', '-', folder)}" if folder else start
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
