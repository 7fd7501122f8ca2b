"""Git's own maintenance, started if it would find work: each run leaves a dozen loose objects.

Recording itself never packs anything (`gc.auto=0` in `repository.py`), because whoever waits for
a run to be recorded would wait for that as well.
"""

from __future__ import annotations

import contextlib

from gitexp.git.repository import Repository

_LOOSE = 6700
"""How many loose objects git lets pile up, if `gc.auto` says nothing else."""

_SAMPLE = "objects/17"
"""The folder out of 256 by which git itself judges how many there are."""


def start_maintenance(repository: Repository) -> bool:
    """Let git pack in the background what has piled up, and return whether there was a reason to.

    Otherwise it only looks at one folder. Respects `gc.auto` and `maintenance.auto`, and what
    is configured for `git maintenance`.
    """
    if not _is_due(repository):
        return False
    repository.start_in_background("maintenance", "run", "--auto", "--quiet")
    return True


def _is_due(repository: Repository) -> bool:
    try:
        loose = sum(1 for _ in (repository.common_dir / _SAMPLE).iterdir())
    except OSError:  # nothing loose there
        return False
    config = repository.config
    limit = _LOOSE
    with contextlib.suppress(ValueError):
        limit = int(config.get("gc.auto", limit))
    if limit <= 0 or config.get("maintenance.auto", "true").lower() in {"false", "no", "off", "0"}:
        return False
    return loose * 256 > limit
