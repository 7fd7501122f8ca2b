"""What W&B leaves beside a run's file: its config, its summary and what it ran on.

That is all there is of a run whose `.wandb` file was removed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from gitexp.errors import GitexpError
from gitexp.importing.foreign import ForeignRun
from gitexp.importing.store_files import plain_values
from gitexp.metrics.mlflow_files import read_end
from gitexp.metrics.old_yaml import parse_old_yaml
from gitexp.metrics.wandb_file import OWN_CONFIG, measured
from gitexp.model.documents.reading import parse_document
from gitexp.model.record import parse_time

_LARGEST = 20_000_000


def run_of_files(folder: Path) -> ForeignRun | None:
    """Return a run as these files have it, which is without curves; None if there are none."""
    if folder.is_symlink():
        return None
    summary = _document(folder / "wandb-summary.json")
    config = _config(folder / "config.yaml")
    if summary is None and config is None:
        return None
    about = _document(folder / "wandb-metadata.json") or {}
    git, args = about.get("git"), about.get("args")
    program = str(about.get("program") or "")
    last = (summary or {}).get("_timestamp")
    began = _moment(about.get("startedAt"))
    return ForeignRun(
        started=began,
        ended=float(last) if isinstance(last, int | float) else began,
        command=("python", program, *map(str, args if isinstance(args, list) else ()))
        if program
        else (),
        commit=str(git.get("commit") or "") or None if isinstance(git, dict) else None,
        user=str(about.get("username") or "") or None,
        host=str(about.get("host") or "") or None,
        python=str(about.get("python") or "").rpartition(" ")[2] or None,
        platform=str(about.get("os") or "") or None,
        params={key: _value(one) for key, one in (config or {}).items() if key != OWN_CONFIG},
        metrics=measured({key: one for key, one in (summary or {}).items() if key[:1] != "_"}),
        problems=("its `.wandb` file is not there: no curves, and nothing says how it ended",),
    )


def _value(said: Any) -> Any:
    return said["value"] if isinstance(said, dict) and "value" in said else said


def _moment(text: object) -> float | None:
    with contextlib.suppress(ValueError):
        found: datetime = parse_time(str(text))
        return found.timestamp() if found.tzinfo is not None else None
    return None


def _config(file: Path) -> Mapping[str, Any] | None:
    content = read_end(file, _LARGEST)
    with contextlib.suppress(GitexpError):
        return plain_values(parse_old_yaml(content, file.name)) if content else None
    return None


def _document(file: Path) -> Mapping[str, Any] | None:
    content = read_end(file, _LARGEST)
    with contextlib.suppress(GitexpError):
        return parse_document(content, file.name) if content else None
    return None
