"""`gitexp.yaml`: what a project says about itself; everything has a default."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

from msgspec import Struct, field

from gitexp.errors import GitexpError
from gitexp.metrics.rows import Row
from gitexp.model.change_rules import ChangeRules
from gitexp.model.documents.reading import parse_document
from gitexp.model.paths import ProjectPath
from gitexp.model.patterns import is_pattern
from gitexp.model.policy import Policy
from gitexp.model.promotion import Promotion
from gitexp.settings.hydra import Composition, read_hydra
from gitexp.settings.kinds import (
    Kind,
    Unknown,
    Wrong,
    fields,
    inner_paths,
    one_of,
    several_of,
    size,
    text,
    texts,
    yes,
)
from gitexp.settings.policy import read_policy, read_review
from gitexp.settings.promotion import read_promotion
from gitexp.settings.sweep import SweepSettings, read_sweep

MOST_FILES = 1000
MOST_BYTES = 20_000_000
"""How much a run takes in unasked: more untracked files are refused, or go behind one pointer."""

CONFIG_NAME = ProjectPath("gitexp.yaml")
DEFAULT_BRANCH = "experiments"
DEFAULT_TRACK = (
    "*.cbm *.ckpt *.gguf *.h5 *.joblib *.joblib.bz2 *.joblib.gz *.joblib.lzma *.joblib.xz"
    " *.joblib.z *.keras *.mlmodel *.onnx *.onnx.data *.pickle *.pkl *.pkl.bz2 *.pkl.gz *.pkl.xz"
    " *.pt *.pt2 *.pth *.safetensors *.skops *.tflite *.ubj"
).split()
"""Files that hold models, by the endings that libraries give them.

Others are known when a run writes them, by what they are: `gitexp.pointers.recognised`.
"""
NOT_INPUTS = (
    *("/README*", "/CHANGELOG*", "/LICENSE*", ".github/", ".gitlab/", ".gitlab-ci.yml"),
    *(".pre-commit-config.yaml", ".editorconfig", ".vscode/", ".idea/"),
)
"""Texts about the code, and settings of hosts, hooks and editors; they decide no result."""

_NO_REF = re.compile(r"^-|^HEAD$|^@$|\.\.|@\{|[\x00-\x20\x7f~^:?*\[\\]")

Message = Literal["comment", "trailers", "none"]
Push = Literal["warn", "strict"]
Stale = Literal["note", "drop", "keep"]
TrackerFiles = Literal["pointer", "leave_out"]
Tracker = Literal["mlflow", "wandb", "tensorboard"]


class Config(Struct, frozen=True):
    """The settings of one project; docs/reference/config.md describes each."""

    command: tuple[str, ...] = ()
    branch: str = DEFAULT_BRANCH
    remote_branch: str | None = None
    """The branch's name on remotes, if it is another one."""
    mirror: str | None = None
    """For which other tool runs are written a second time: 'dvc', or none."""
    params: tuple[ProjectPath, ...] = (ProjectPath("params.yaml"),)
    found_params: Mapping[str, str] = field(default_factory=dict)
    """Patterns of params files that have a folder of one run; '' names them by the pattern."""
    names_params: bool = False
    """Whether `params` was written by the user."""
    hydra: Composition | None = None
    """What composes a params file before each run."""
    names_hydra: bool = False
    """Whether `hydra` was written by the user, so that DVC's configuration does not count."""
    metrics: tuple[str, ...] = ("metrics.json",)
    """Paths or patterns of metrics files that are recorded under their own path."""
    renamed_metrics: Mapping[str, str] = field(default_factory=dict)
    """Patterns by the name under which the one file that was written is recorded."""
    stale_metrics: Mapping[str, Stale] = field(default_factory=dict)
    """What becomes of values that stood in a file before the run, by path or pattern."""
    metrics_rows: Mapping[str, Row] = field(default_factory=dict)
    """Which row of a table or log stands for the run, by path or pattern."""
    capture: tuple[Tracker, ...] = ()
    """The trackers whose stores are read for what the command logged."""
    plots: tuple[str, ...] = ()
    track: tuple[str, ...] = tuple(DEFAULT_TRACK)
    tracks_ignored: bool = False
    """Whether `track` was written by the user and so counts for files that git ignores."""
    tracker_files: TrackerFiles = "pointer"
    """What becomes of databases and event files in which trackers log."""
    max_file_size: int = 5_000_000
    outputs: tuple[str, ...] = ()
    not_inputs: tuple[str, ...] = NOT_INPUTS
    """What the user lists comes after the default; a line with `!` takes something out again."""
    shared: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    """Data behind pointers that no training may see."""
    evaluate: tuple[str, ...] = ()
    """The command that evaluates a model on it."""
    message: Message = "comment"
    """How the changes of metrics get into the message of a commit, if the hook is installed."""
    push: Push = "warn"
    """Whether a push is refused for metrics that are stale or outside the policy."""
    record_host: bool = True
    record_user: bool = True
    policy: Policy = field(default_factory=Policy)
    review: ChangeRules = field(default_factory=ChangeRules)
    promote: Promotion = field(default_factory=Promotion)
    sweep: SweepSettings = SweepSettings()

    @property
    def recognises_models(self) -> bool:
        """Whether models are known by what they are as well: `track` is not the user's."""
        return not self.tracks_ignored

    @property
    def branch_on_remotes(self) -> str:
        """What the experiments branch is called on remotes."""
        return self.remote_branch or self.branch


def parse_config(
    content: bytes,
    name: str = CONFIG_NAME,
    parse: Callable[[bytes, str], Mapping[str, Any]] = parse_document,
) -> Config:
    """Read `gitexp.yaml`; `parse` reads it as a document.

    Raises GitexpError for an unknown key (with its line and the close ones) or a value of
    the wrong kind.
    """
    values = parse(content, name)
    settings: dict[str, Any] = {}
    for key, value in values.items():
        if key not in _SETTINGS:
            raise _unknown(content, name, (key,), _SETTINGS)
        try:
            settings.update(_SETTINGS[key](value))
        except Wrong as wrong:
            where = ".".join((key, *wrong.below))
            raise _at(content, name, (key, *wrong.below), f"'{where}' {wrong}") from wrong
        except Unknown as unknown:
            raise _unknown(content, name, (key, *unknown.below), unknown.known) from unknown
    config = Config(**settings)
    if "best" in config.metrics_rows.values() and not config.policy.has_goals:
        message = "'row: best' needs a metric with a 'goal' under 'policy'"
        raise _at(content, name, ("metrics",), message)
    return config


def _branch(value: object) -> str:
    """Return the name of a branch; the rules are those of `git check-ref-format`."""
    name = text(value)
    parts = name.split("/")
    if _NO_REF.search(name) or any(
        not part or part.startswith(".") or part.endswith((".lock", ".")) for part in parts
    ):
        raise Wrong(f"must be a name that git accepts for a branch, not '{name}'")
    return name


def _mirror(value: object) -> str:
    if value != "dvc":
        raise Wrong("must be dvc, or left out")
    return "dvc"


def _command(value: object) -> tuple[str, ...]:
    if isinstance(value, str) and value.strip():
        return (value,) if re.search(r"\s", value.strip()) else (value.strip(),)
    if isinstance(value, list) and value:
        return texts(value)
    raise Wrong("must be a command: a text or a list of its words")


def _metrics(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        return {"metrics": texts(value)}
    if not all(isinstance(one, str | dict) for one in value.values()):
        raise Wrong("must name a path or pattern for each name")
    said = {
        file: {"path": one} if isinstance(one, str) else fields(one, _METRICS_FILE, file)
        for file, one in value.items()
    }
    options = {one.get("path", file): one for file, one in said.items()}
    return {
        "metrics": tuple(file for file, one in said.items() if "path" not in one),
        "renamed_metrics": {file: one["path"] for file, one in said.items() if "path" in one},
        "stale_metrics": {at: one["stale"] for at, one in options.items() if "stale" in one},
        "metrics_rows": {at: one["row"] for at, one in options.items() if "row" in one},
    }


def _params(value: object) -> dict[str, object]:
    if isinstance(value, dict):
        if not all(isinstance(one, str) for one in value.values()):
            raise Wrong("must name a path or pattern for each name")
        said = {pattern: name for name, pattern in value.items()}
    else:
        said = dict.fromkeys(texts(value), "")
    found = {one: name for one, name in said.items() if name or is_pattern(one)}
    plain = tuple(one for one in said if one not in found)
    return {"params": plain, "found_params": found, "names_params": True}


def _record(value: object) -> dict[str, object]:
    return {f"record_{key}": chosen for key, chosen in fields(value, _RECORD).items()}


_METRICS_FILE: Mapping[str, Kind] = {
    "path": text,
    "row": one_of(*get_args(Row)),
    "stale": one_of(*get_args(Stale)),
}
_RECORD: Mapping[str, Kind] = {"host": yes, "user": yes}
_HOOKS: Mapping[str, Kind] = {
    "message": one_of(*get_args(Message)),
    "push": one_of(*get_args(Push)),
}
_SETTINGS: Mapping[str, Callable[[object], dict[str, Any]]] = {
    "command": lambda value: {"command": _command(value)},
    "branch": lambda value: {"branch": _branch(value)},
    "remote_branch": lambda value: {"remote_branch": _branch(value)},
    "mirror": lambda value: {"mirror": _mirror(value)},
    "params": _params,
    "hydra": read_hydra,
    "metrics": _metrics,
    "capture": lambda value: {"capture": several_of(*get_args(Tracker))(value)},
    "plots": lambda value: {"plots": texts(value)},
    "track": lambda value: {"track": texts(value), "tracks_ignored": True},
    "tracker_files": lambda value: {"tracker_files": one_of(*get_args(TrackerFiles))(value)},
    "max_file_size": lambda value: {"max_file_size": size(value)},
    "outputs": lambda value: {"outputs": texts(value)},
    "not_inputs": lambda value: {"not_inputs": (*NOT_INPUTS, *texts(value))},
    "shared": lambda value: {"shared": texts(value)},
    "held_out": lambda value: {"held_out": inner_paths(value)},
    "evaluate": lambda value: {"evaluate": _command(value)},
    "record": _record,
    "hooks": lambda value: fields(value, _HOOKS),
    "policy": lambda value: {"policy": read_policy(value)},
    "review": lambda value: {"review": read_review(value)},
    "promote": lambda value: {"promote": read_promotion(value)},
    "sweep": lambda value: {"sweep": read_sweep(value)},
}


def _unknown(
    content: bytes, name: str, path: tuple[str, ...], known: Mapping[str, object]
) -> GitexpError:
    import difflib  # noqa: PLC0415 - 1 ms, on the way out alone

    close = difflib.get_close_matches(path[-1], known, n=1)
    hint = f"Did you mean '{close[0]}'?" if close else f"Known are {', '.join(known)}."
    error = _at(content, name, path, f"unknown setting '{'.'.join(path)}'")
    error.hint = hint
    return error


def _at(content: bytes, name: str, path: tuple[str, ...], message: str) -> GitexpError:
    """Return an error that names the line on which the key stands."""
    import yaml  # noqa: PLC0415 - 10 ms, on the way out alone

    node = yaml.compose(content, Loader=yaml.SafeLoader)
    line = 1
    for part in path:
        for key, value in getattr(node, "value", ()) if isinstance(node, yaml.MappingNode) else ():
            if key.value == part:
                line, node = key.start_mark.line + 1, value
                break
    return GitexpError(f"{name}, line {line}: {message}")
