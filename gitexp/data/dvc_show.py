"""Params and metrics of a commit as DVC itself reports them, templates resolved."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from gitexp.data.cache import preload
from gitexp.data.dvc_project import import_dvc
from gitexp.data.dvc_repo import open_repo
from gitexp.errors import GitexpError


class Told(Struct, frozen=True):
    """What DVC says of one commit; files as seen from the root of the DVC project."""

    params: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    """Why it could not read something, a line each."""


def ask_dvc(root: Path, revs: Sequence[str]) -> dict[str, Told]:
    """Return what DVC reads at each rev; some 50 ms a rev.

    Raises GitexpError if there is no DVC project at `root`.
    """
    preload()
    exceptions = import_dvc("dvc.exceptions")
    logging.getLogger("dvc").setLevel(logging.CRITICAL)  # its problems are returned as values
    try:
        with open_repo(root) as opened:
            params = opened.params.show(revs=list(revs))
            metrics = opened.metrics.show(revs=list(revs), hide_workspace=False)
    except (exceptions.DvcException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise GitexpError(f"DVC cannot read the experiments: {reason}") from error
    return {rev: _told(params.get(rev, {}), metrics.get(rev, {})) for rev in revs}


def _told(params: Mapping[str, Any], metrics: Mapping[str, Any]) -> Told:
    problems = [f"DVC: {kind['error']}" for kind in (params, metrics) if "error" in kind]
    found: list[dict[str, Any]] = []
    for kind in (params, metrics):
        files = kind.get("data") or {}
        found.append({path: one["data"] for path, one in files.items() if "data" in one})
        problems += [f"'{path}': {one['error']}" for path, one in files.items() if "error" in one]
    return Told(found[0], found[1], tuple(problems))
