"""DVC's own view of a project, opened so that no commit says where DVC writes on this machine."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gitexp.data.dvc_configs import strange_site_cache
from gitexp.data.dvc_project import import_dvc, open_project, usual_site_cache

_SITE_CACHE = "DVC_SITE_CACHE_DIR"


def open_repo(root: Path) -> Any:
    """Open a project with DVC; raises GitexpError for a cache that a stranger put elsewhere."""
    open_project(root, fetches=True)
    repo = import_dvc("dvc.repo")
    with _own_site_cache(root):
        return repo.Repo(os.path.realpath(root))


@contextlib.contextmanager
def _own_site_cache(root: Path) -> Iterator[None]:
    """Have DVC keep its databases where it does unasked; it looks only while it is opened."""
    if os.environ.get(_SITE_CACHE) or not strange_site_cache(root):
        yield
        return
    os.environ[_SITE_CACHE] = usual_site_cache()
    try:
        yield
    finally:
        del os.environ[_SITE_CACHE]
