"""How `gitexp.yaml` is read: what each key may say, and on which line one is wrong.

What few projects set is read by modules of its own, loaded where the key stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, get_args

from gitexp.errors import GitexpError
from gitexp.model.documents.reading import parse_document
from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.patterns import is_pattern
from gitexp.settings.config import (
    CONFIG_NAME,
    NOT_INPUTS,
    Config,
    Message,
    Push,
    Stale,
    Tracker,
    TrackerFiles,
)
from gitexp.settings.kinds import (
    Kind,
    Unknown,
    Wrong,
    fields,
    inner_paths,
    on_or_off,
    one_of,
    several_of,
    size,
    text,
    texts,
    yes,
)

_NO_REF = lazy_pattern(r"^-|^HEAD$|^@$|\.\.|@\{|[\x00-\x20\x7f~^:?*\[\\]")


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


def _row(value: object) -> object:
    from gitexp.metrics.rows import Row  # noqa: PLC0415 - 1 ms, where it is set

    return one_of(*get_args(Row))(value)


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


def _hydra(value: object) -> dict[str, object]:
    from gitexp.settings.hydra import read_hydra  # noqa: PLC0415 - 1 ms, where it is set

    return read_hydra(value)


def _policy(value: object) -> dict[str, object]:
    from gitexp.settings.policy import read_policy  # noqa: PLC0415 - 1 ms, where it is set

    return {"policy": read_policy(value)}


def _review(value: object) -> dict[str, object]:
    from gitexp.settings.policy import read_review  # noqa: PLC0415 - 1 ms, where it is set

    return {"review": read_review(value)}


def _promote(value: object) -> dict[str, object]:
    from gitexp.settings.promotion import read_promotion  # noqa: PLC0415 - 1 ms, where it is set

    return {"promotion": read_promotion(value)}


def _sweep(value: object) -> dict[str, object]:
    from gitexp.settings.sweep import read_sweep  # noqa: PLC0415 - 1 ms, where it is set

    return {"sweeps": read_sweep(value)}


_METRICS_FILE: Mapping[str, Kind] = {
    "path": text,
    "row": _row,
    "stale": one_of(*get_args(Stale)),
}
_RECORD: Mapping[str, Kind] = {"host": yes, "user": yes}
_SERIES: Mapping[str, Kind] = {"max": size}
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
    "hydra": _hydra,
    "metrics": _metrics,
    "capture": lambda value: {"capture": several_of(*get_args(Tracker))(value)},
    "plots": lambda value: {"plots": texts(value)},
    "track": lambda value: {"track": texts(value), "tracks_ignored": True},
    "tracker_files": lambda value: {"tracker_files": one_of(*get_args(TrackerFiles))(value)},
    "max_file_size": lambda value: {"max_file_size": size(value)},
    "series": lambda value: {f"{key}_series": one for key, one in fields(value, _SERIES).items()},
    "outputs": lambda value: {"outputs": texts(value)},
    "not_inputs": lambda value: {"not_inputs": (*NOT_INPUTS, *texts(value))},
    "shared": lambda value: {"shared": texts(value)},
    "held_out": lambda value: {"held_out": inner_paths(value)},
    "evaluate": lambda value: {"evaluate": _command(value)},
    "record": _record,
    "system": lambda value: {"system": on_or_off(value)},
    "hooks": lambda value: fields(value, _HOOKS),
    "policy": _policy,
    "review": _review,
    "promote": _promote,
    "sweep": _sweep,
}


_OF_THE_USER: Mapping[tuple[str, ...], str] = {
    ("push",): "Only you can have your runs sent away: `git config gitexp.push after-run`.",
    ("notify",): "Only you can name whom to tell: `git config gitexp.notify URL-OR-COMMAND`.",
}
"""What stands in git's configuration, which no clone brings along; ADR 109."""


def _unknown(
    content: bytes, name: str, path: tuple[str, ...], known: Mapping[str, object]
) -> GitexpError:
    import difflib  # noqa: PLC0415 - 1 ms, on the way out alone

    close = difflib.get_close_matches(path[-1], known, n=1)
    hint = f"Did you mean '{close[0]}'?" if close else f"Known are {', '.join(known)}."
    hint = _OF_THE_USER.get(path, hint)
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
