"""The process in the background: the message first, which is short, then the push."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitexp.afterwards.quiet import quiet
from gitexp.git.repository import Repository

_NICE = 10
"""The next training has the machine first."""


def follow(root: str, push: bool, run_id: str | None, sweep: Mapping[str, Any] | None) -> None:
    """Do what is to follow a run."""
    os.nice(_NICE)
    place = Path(root)
    with Repository.open(place) as repository:
        config = repository.config
    os.environ.update(quiet(os.environ, config))
    if "gitexp.notify" in config and (run_id is not None or sweep is not None):
        from gitexp.afterwards.notifying import notify  # noqa: PLC0415 - 60 ms, where it is wanted

        notify(place, run_id, sweep)
    if push:
        from gitexp.afterwards.pushing import push_wanted  # noqa: PLC0415 - 20 ms, where it is wanted

        push_wanted(place)
