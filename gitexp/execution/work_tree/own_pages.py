"""Reports, plots and model cards that gitexp wrote into the work tree; no run takes them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from gitexp.model.page_mark import HEAD, SUFFIXES, TAIL, is_marked

_MOST = 500
"""Files of which one call looks into: where there are more pictures, they are data."""


def own_pages(top: Path, paths: Iterable[str]) -> frozenset[str]:
    """Return which of the paths are pages and pictures that gitexp has written.

    Of very many candidates it looks at those in the outer folders alone.
    """
    wanted = [path for path in paths if path.lower().endswith(SUFFIXES)]
    if len(wanted) > _MOST:
        wanted = sorted(wanted, key=lambda path: path.count("/"))[:_MOST]
    return frozenset(path for path in wanted if _is_own(os.path.join(top, path)))  # noqa: PTH118 - many


def _is_own(file: str) -> bool:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        head = os.read(descriptor, HEAD)
        is_pdf = head.startswith(b"%PDF-")
        size = os.fstat(descriptor).st_size if is_pdf else 0
        tail = os.pread(descriptor, TAIL, size - TAIL) if size > TAIL else b""
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return is_marked(head, tail)
