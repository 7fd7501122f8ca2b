"""Where others would get the repository from."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from gitexp.project import Project


def public_address(project: Project) -> str | None:
    """Return where a stranger would clone from; a user's name and password are not told."""
    url = project.repository.config.get("remote.origin.url")
    if url is None or Path(url).exists():
        return None
    return shown_address(url)


def shown_address(url: str) -> str | None:
    """Return an address without a user's name and password; None for what is none.

    >>> shown_address("https://me:secret@[::1]:8/x"), shown_address("git@host:a/b.git")
    ('https://[::1]:8/x', 'git@host:a/b.git')
    >>> shown_address("me:secret@host:a/b.git"), shown_address("https://[host/x")
    ('host:a/b.git', None)
    """
    if "://" not in url:
        user, _, place = url.rpartition("@")
        return url if user == "git" else place
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("https", "http", "ssh", "git"):
        return None
    user = "git@" if parts.scheme == "ssh" and parts.username == "git" else ""
    return f"{parts.scheme}://{user}{parts.netloc.rpartition('@')[2]}{parts.path}"
