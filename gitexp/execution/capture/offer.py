"""Stores of a run's own, offered to the trackers of a command that names none.

Only by the trackers' documented variables, and only where neither the environment, nor the settings
of the tracker, nor a store that is there say anything else.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from gitexp.project import Project
from gitexp.store.own import own_folder

DATABASE = "mlflow.db"
"""MLflow's own name for it, in our folder as in the project's."""

_MLFLOW_SAYS = (
    *("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLFLOW_TRACKING_DIR", "MLFLOW_RUN_ID"),
    *("MLFLOW_EXPERIMENT_ID", "DATABRICKS_RUNTIME_VERSION"),
)
"""Variables that say where MLflow logs, or name something that is there already."""
_WANDB_SERVER = ("WANDB_API_KEY", "WANDB_BASE_URL", "WANDB_IDENTITY_TOKEN_FILE", "WANDB_SWEEP_ID")
_WANDB_LOCAL = ("offline", "dryrun")
_PLAIN = re.compile(r"[^?#%\x00-\x1f]+")
"""A path that is the same in an address."""


def place_of(project: Project, run_id: str) -> Path:
    """Return the folder of the stores of a run; trackers print its path, so it stays there."""
    return own_folder(project.repository).trackers / run_id


def offered(project: Project, env: Mapping[str, str], run_id: str) -> dict[str, str]:
    """Return the variables that offer stores to the trackers of `capture`."""
    asked, place = project.config.capture, place_of(project, run_id)
    env = _without_ours(project, env)
    cwd = project.repository.top / project.directory
    found: dict[str, str] = {}
    if "mlflow" in asked and not _mlflow_has_store(env, cwd) and _PLAIN.fullmatch(str(place)):
        found["MLFLOW_TRACKING_URI"] = f"sqlite:///{place / DATABASE}"
    if "wandb" in asked:
        found |= _wandb(project, env, cwd, place)
    return found


def _without_ours(project: Project, env: Mapping[str, str]) -> dict[str, str]:
    """Return variables without the offer of a run that this one is started by."""
    ours = f"{own_folder(project.repository).trackers}/"
    is_inside = ours in env.get("WANDB_DIR", "")
    names = [name for name in ("MLFLOW_TRACKING_URI", "WANDB_DIR") if ours in env.get(name, "")]
    names += ["WANDB_MODE"] if is_inside and env.get("WANDB_MODE") in _WANDB_LOCAL else []
    return {name: value for name, value in env.items() if name not in names}


def _mlflow_has_store(env: Mapping[str, str], cwd: Path) -> bool:
    """Return whether it is said where MLflow logs, or lies where it looks of its own accord.

    A script may go on from what is there: a model that was registered, a run to be compared with.
    """
    if any(env.get(name) for name in _MLFLOW_SAYS) or (cwd / DATABASE).exists():
        return True
    with contextlib.suppress(OSError):
        return any((one / "meta.yaml").exists() for one in (cwd / "mlruns").glob("[0-9]*"))
    return False


def _wandb(project: Project, env: Mapping[str, str], cwd: Path, place: Path) -> dict[str, str]:
    mode = env.get("WANDB_MODE", "")
    if env.get("WANDB_DIR") or (cwd / "wandb" / "settings").exists():
        return {}
    if mode:
        return {"WANDB_DIR": str(place)} if mode in _WANDB_LOCAL else {}
    if env.get("WANDB_DISABLED") or _talks_to_server(project, env):
        return {}
    return {"WANDB_DIR": str(place), "WANDB_MODE": "offline"}


def _talks_to_server(project: Project, env: Mapping[str, str]) -> bool:
    """Return whether W&B has a key, another address, or settings; or the code may give it some."""
    if any(env.get(name) for name in _WANDB_SERVER):
        return True
    home = Path(env.get("HOME") or os.devnull)
    config = Path(env.get("WANDB_CONFIG_DIR") or home / ".config" / "wandb")
    if _says(config / "settings", ["=", ":"]):
        return True
    netrc = [Path(env["NETRC"])] if env.get("NETRC") else [home / ".netrc", home / "_netrc"]
    if any(_says(one, ["wandb"]) for one in netrc):
        return True
    words = ("wandb.login", "WANDB_API_KEY", "WANDB_MODE", "WANDB_BASE_URL", "wandb.setup")
    asked = [part for word in words for part in ("-e", word)]
    code = ("*.py", "*.ipynb", "*.sh")
    found = project.repository.attempt("grep", "-qIF", "--untracked", *asked, "--", *code)
    return found.returncode != 1


def _says(file: Path, words: Iterable[str]) -> bool:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(word in text for word in words)
