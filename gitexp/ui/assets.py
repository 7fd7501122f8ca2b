"""The files that pages load: our own, and those of others as they were published."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).with_name("assets")
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
"""What a browser is told that a file is; the others are not served."""


@lru_cache(maxsize=1)
def contents() -> dict[str, bytes]:
    """Return each file that is served; all of them are 80 kB."""
    found = (path for path in sorted(FOLDER.iterdir()) if path.suffix in KINDS)
    return {path.name: path.read_bytes() for path in found}


def style() -> str:
    """Return what stands in each page: a browser draws nothing before it has that."""
    return contents()["gitexp.css"].decode()


def digest_of_style() -> str:
    """Return how a policy names it."""
    digest = hashlib.sha256(contents()["gitexp.css"]).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Return the sha256 of each file that is served."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents().items()}
