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
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http", "ssh", "git"):
        return url if "://" not in url else None
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    user = "git@" if parts.scheme == "ssh" and parts.username == "git" else ""
    return f"{parts.scheme}://{user}{host}{port}{parts.path}"
