"""What a command logged with trackers, as the record has it."""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from gitexp.errors import GitexpError
from gitexp.execution.capture.places import (
    event_files,
    mlflow_databases,
    mlflow_folders,
    own_database,
    wandb_files,
)
from gitexp.execution.capture.values import Captured
from gitexp.execution.record.metrics import oldest_first
from gitexp.execution.record.net import attempt
from gitexp.execution.record.outputs import Outputs
from gitexp.execution.stages import Outcome, Started
from gitexp.metrics.logged import Logged, LoggedModel, with_step
from gitexp.metrics.reading import LARGEST_LOG, curve_prefix
from gitexp.model.numbers import counted
from gitexp.model.paths import TopPath
from gitexp.model.record import LARGEST_METRICS
from gitexp.model.values import Value, dumps, without_long_lists

Document = dict[str, Value]

_TITLES = {"mlflow": "MLflow", "wandb": "W&B", "tensorboard": "TensorBoard"}


def captured(started: Started, outcome: Outcome, outputs: Outputs) -> Captured:
    """Return what the command logged, as far as `capture` asks for it."""
    params: dict[str, Document] = {}
    metrics: dict[str, Document] = {}
    trackers: dict[str, Mapping[str, object]] = {}
    for name in started.project.config.capture:
        lost = f"what was logged with {_TITLES[name]} is not in the record"
        read = functools.partial(_READERS[name], started, outcome, outputs)
        logged = attempt(started.tell, lost, read, None)
        if logged is None:
            continue
        params |= _documents(started, name, "params", logged.params)
        metrics |= _documents(started, name, "metrics", logged.metrics)
        described = _described(started, outputs, logged)
        trackers |= {name: described} if described else {}
    return Captured(params, metrics, trackers)


def _documents(
    started: Started, tracker: str, what: str, values: Mapping[str, Value]
) -> dict[str, Document]:
    kept, dropped = without_long_lists(values)
    if dropped:
        started.tell(
            f"note: lists of more than 100 values stay with {_TITLES[tracker]} alone: "
            f"{', '.join(dropped)}"
        )
    if len(dumps(kept)) > LARGEST_METRICS:
        started.tell(f"note: the {what} of {_TITLES[tracker]} are larger than 1 MB: not recorded")
        return {}
    return {tracker: kept} if kept else {}


def _mlflow(started: Started, outcome: Outcome, _: Outputs) -> Logged | None:
    # 3 ms, where something is captured, as below
    from gitexp.metrics.mlflow_database import read_database  # noqa: PLC0415 - as above
    from gitexp.metrics.mlflow_files import read_files  # noqa: PLC0415 - as above

    since = started.since // 1_000_000
    files = [(one, since) for one in mlflow_databases(started, outcome)]
    runs: list[Logged] = []
    for file, after in ((own_database(started), 0), *files):
        if file.is_file():
            read = functools.partial(read_database, file, after, LARGEST_LOG)
            runs += _unless_unreadable(started, read)
    for folder in mlflow_folders(started, outcome):
        runs += read_files(folder, since)
    return _last(started, "MLflow", runs)


def _wandb(started: Started, outcome: Outcome, _: Outputs) -> Logged | None:
    from gitexp.metrics.wandb_file import read_run  # noqa: PLC0415 - 3 ms, where something is captured

    def read(file: Path) -> list[Logged]:
        if file.stat().st_size > LARGEST_LOG:
            raise GitexpError(f"'{file.name}' is larger than {LARGEST_LOG // 1_000_000} MB")
        run = read_run(file.read_bytes(), file.name)
        return [] if run is None else [run]

    found = (
        one
        for file in wandb_files(started, outcome)
        for one in _unless_unreadable(started, functools.partial(read, file))
    )
    return _last(started, "W&B", sorted(found, key=lambda one: one.started, reverse=True))


def _unless_unreadable(started: Started, read: Callable[[], list[Logged]]) -> list[Logged]:
    return attempt(started.tell, "a store of a tracker is not read", read, [])


def _last(started: Started, title: str, runs: Iterable[Logged]) -> Logged | None:
    """Return the run that began last, and say so if there are others."""
    outer = [one for one in runs if not one.is_inner]
    if len(outer) > 1:
        last = max(outer, key=lambda one: one.started)
        started.tell(
            f"note: the command made {counted(len(outer), 'run')} of {title}; "
            f"the last one counts, '{last.name or last.run}'"
        )
        return last
    return outer[0] if outer else None


def _tensorboard(started: Started, outcome: Outcome, outputs: Outputs) -> Logged | None:
    """Return the scalars of all event files together, and the params that one of them has."""
    held = (*outputs.added, *outputs.pointed, *outputs.unkept)
    files = list(event_files(started, outcome, held))
    if not files:
        return None
    from gitexp.metrics.events import read_logged  # noqa: PLC0415 - 500 ms with TensorBoard

    top, params = started.project.repository.top, Document()
    found: dict[str, Document] = {}
    for path in oldest_first(started.project, files):
        if (top / path).stat().st_size > LARGEST_LOG:
            started.tell(f"note: '{path}' is larger than {LARGEST_LOG // 1_000_000} MB: not read")
            continue
        said, found[path] = read_logged((top / path).read_bytes(), path)
        if said:  # `add_hparams` makes a folder of its own, named by the time
            params |= said
            found[posixpath.dirname(path)] = found.pop(path)
    return Logged("", params=params, metrics=_joined(found))


def _joined(found: Mapping[str, Document]) -> Document:
    """Return the last scalars of all files, with the last step once."""
    joined: Document = {}
    steps: list[int] = []
    for path, values in found.items():
        steps += [step] if isinstance(step := values.get("step"), int) else []
        prefix = curve_prefix(path, found)
        joined |= {f"{prefix}{tag}": one for tag, one in values.items() if tag != "step"}
    return with_step(joined, steps)


def _described(started: Started, outputs: Outputs, logged: Logged) -> dict[str, object]:
    """Return what the record says of a tracker's run, beside its values."""
    models = [_model(started, outputs, one) for one in logged.models]
    found: dict[str, object] = {
        "run": logged.run,
        "name": logged.name,
        "group": logged.group,
        "tags": dict(logged.tags),
        "models": models,
    }
    return {key: value for key, value in found.items() if value}


def _model(started: Started, outputs: Outputs, model: LoggedModel) -> dict[str, str]:
    """Return a model by reference: a path in the project that the run has, or an address."""
    found = {"name": model.name, "id": model.id, **_reference(started, outputs, model)}
    return {key: value for key, value in found.items() if value}


def _reference(started: Started, outputs: Outputs, model: LoggedModel) -> dict[str, str]:
    project = started.project
    if model.md5:
        same = (one.path for one in outputs.stored.pointers if one.md5 == model.md5)
        path = next(same, None)
        return {"md5": model.md5} if path is None else {"path": project.name(TopPath(path))}
    parts = urlsplit(model.place)
    if parts.scheme not in ("", "file"):
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="")
        return {"address": urlunsplit(bare)}
    place = unquote(parts.path) if parts.scheme else model.place
    if not place:
        return {}
    place = posixpath.normpath(
        posixpath.join(str(project.repository.top / project.directory), place)
    )
    top = f"{project.repository.top}/"
    if place.startswith(top) and project.holds(TopPath(place.removeprefix(top))):
        return {"path": project.name(TopPath(place.removeprefix(top)))}
    return {"address": place}


_READERS: Mapping[str, Callable[[Started, Outcome, Outputs], Logged | None]] = {
    "mlflow": _mlflow,
    "wandb": _wandb,
    "tensorboard": _tensorboard,
}
