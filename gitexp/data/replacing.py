"""Files that are replaced whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path


def replace_content(path: Path, content: bytes, *, onto_disk: bool = False) -> None:
    """Write a file whole or not at all, through links, its permissions kept."""
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{os.getpid()}.gitexp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            if onto_disk:
                file.flush()
                os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
