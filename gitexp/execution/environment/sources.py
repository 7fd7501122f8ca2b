"""Where a package was installed from, if not from an index: PEP 610, and what came before it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.execution.environment.environment import Ground

_SCP = re.compile(r"([\w.-]+@)?([\w.-]+):(?!//)(.+)")
_PATIENCE = 5.0
"""Seconds for git to say whether a folder is as it was committed."""
_BAD = re.compile(r"\s")


class Origin(Struct, frozen=True):
    """Where a package came from, as pip would be told to fetch it again."""

    source: str
    editable: bool = False
    remark: str = ""


def direct_origin(content: bytes, name: str, ground: Ground | None) -> Origin | None:
    """Return what a `direct_url.json` says, None if it says nothing that can be read."""
    try:
        told = json.loads(content)
        url = told["url"]
        parts = urlsplit(url)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not isinstance(url, str):
        return None
    folder = told.get("subdirectory")
    subdirectory = f"subdirectory={folder}" if isinstance(folder, str) and folder else ""
    if isinstance(told.get("vcs_info"), dict):
        return _of_vcs(url, told["vcs_info"], subdirectory)
    if isinstance(told.get("dir_info"), dict) and parts.scheme == "file":
        editable = told["dir_info"].get("editable") is True
        return folder_origin(Path(unquote(parts.path)), name, ground, editable=editable)
    digest = _digest(told.get("archive_info"))
    fragment = "&".join(filter(None, [digest, subdirectory]))
    return Origin(_written(url, fragment))


def _of_vcs(url: str, vcs: Mapping[str, Any], subdirectory: str) -> Origin:
    commit = vcs.get("commit_id") or vcs.get("requested_revision") or ""
    at = f"@{commit}" if commit else ""
    return Origin(
        f"{vcs.get('vcs', 'git')}+{_written(f'{without_secrets(url)}{at}', subdirectory)}"
    )


def _digest(archive: object) -> str:
    if not isinstance(archive, dict):
        return ""
    hashes = archive.get("hashes")
    if isinstance(hashes, dict) and isinstance(hashes.get("sha256"), str):
        return f"sha256={hashes['sha256']}"
    one = archive.get("hash")
    return one if isinstance(one, str) and one.startswith("sha256=") else ""


def folder_origin(folder: Path, name: str, ground: Ground | None, *, editable: bool) -> Origin:
    """Return where a folder's package can be had again: this repository, another one's commit.

    Only an editable install is asked for its commit: of others, the folder has moved on since.
    """
    inside = ground.path_of(folder.resolve()) if ground else None
    if inside is not None:
        return Origin(_BAD.sub(lambda found: quote(found[0]), inside), editable)
    if editable and (found := _committed(folder, name)):
        return found
    return Origin(f"file://{quote(str(folder))}", editable)


def _committed(folder: Path, name: str) -> Origin | None:
    """Return the commit that a folder is at, if its repository has a remote to get it from."""
    from gitexp.git.repository import Repository  # noqa: PLC0415 - there already, with a project

    if not folder.is_dir():
        return None
    try:
        with Repository.open(folder) as repository:
            oid = repository.objects.commit("HEAD")
            url = repository.config.get("remote.origin.url", "")
            if oid is None or not url:
                return None
            changed = repository.attempt("diff", "--quiet", "HEAD", "--", timeout=_PATIENCE)
            inner = folder.resolve().relative_to(repository.top.resolve()).as_posix()
    except (GitexpError, ValueError, OSError):
        return None
    fragment = f"egg={name}" + (f"&subdirectory={inner}" if inner != "." else "")
    remark = "" if changed.returncode == 0 else "with changes that were not committed"
    return Origin(
        f"git+{_written(f'{_git_url(url)}@{oid}', fragment)}", editable=True, remark=remark
    )


def _git_url(url: str) -> str:
    """Return a remote's URL in the form that pip knows."""
    if url.startswith("/"):
        return f"file://{quote(url)}"
    scp = _SCP.fullmatch(url)
    if scp and "://" not in url:
        return f"ssh://{scp[1] or 'git@'}{scp[2]}/{scp[3]}"
    return without_secrets(url)


def without_secrets(url: str) -> str:
    """Return a URL without a password, and without a user's name that may be a token.

    >>> without_secrets("https://oauth2:abc@host/x.git"), without_secrets("ssh://git@host/x")
    ('https://host/x.git', 'ssh://git@host/x')
    """
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at or (parts.scheme == "ssh" and ":" not in user):
        return url
    return urlunsplit(parts._replace(netloc=host))


def _written(url: str, fragment: str) -> str:
    """Return a URL that is one word of a requirements file."""
    parts = urlsplit(without_secrets(url))
    kept = fragment or parts.fragment
    whole = urlunsplit(parts._replace(fragment=kept))
    return _BAD.sub(lambda found: quote(found[0]), whole)
