"""Values that stood in a metrics file before the run: it may have merged its own into them.

The Trainer of transformers does so with `all_results.json`, whose parts it also writes by
themselves, as `train_results.json`: what stands in a part was measured by this run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from gitexp.errors import GitexpError
from gitexp.execution.stages import Started
from gitexp.metrics.reading import has_rows
from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.numbers import counted
from gitexp.model.paths import TopPath
from gitexp.model.text import yaml_key
from gitexp.model.values import Value, Values, flatten, is_number, same

Document: TypeAlias = dict[str, Value]

_SHOWN = 3
_BETWEEN = lazy_pattern(r"[_./-]")


def without_stale(
    started: Started, path: str, values: Document, parts: Callable[[], Iterable[Document]]
) -> Document:
    """Return the metrics of a file that a run wrote, as the settings want them; say what is stale.

    A value is stale that the file had at the start as well, if the command may only have
    updated it: nothing is gone. Where all are as they were, only `drop` takes them for stale.
    `parts` are the other files that the run wrote beside it.
    """
    rule = started.declared.stale_rule(path)
    if rule == "keep" or has_rows(path) or not started.plan.command:
        return values
    before = _before(started, path)
    stale = _stale(before, values) if before else {}
    if stale:
        before = _without_fresh(before, values, parts())
        stale = _stale(before, values)
    if rule == "note" and len(stale) == len(flatten(values)):
        return values  # of a training that gave the same again, as one with a seed does
    if rule == "note":
        stale = _telling(stale, flatten(values))
    if not stale:
        return values
    name = started.project.name(TopPath(path))
    if rule == "drop":
        started.tell(
            f"note: left out of the metrics, as '{name}' had them before: {_listed(stale)}"
        )
        return _without(values, before)
    drop = f"metrics: {{{yaml_key(name)}: {{stale: drop}}}}"
    started.tell(
        f"note: '{name}' had the same {_listed(stale)} before the run: of an earlier run, if the "
        f"command only adds to that file (`{drop}` in gitexp.yaml leaves such values out, "
        "`stale: keep` accepts them)"
    )
    return values


def _before(started: Started, path: str) -> Document:
    entry = started.snapshot.entries.get(path)
    if entry is None and path not in started.snapshot.untracked.earlier:
        return dict(started.metrics.get(path, {}))
    objects = started.project.repository.objects
    content = objects.blob(entry.oid) if entry else _of_earlier(started, path)
    try:
        return started.declared.metrics_in(content, path) if content is not None else {}
    except GitexpError:
        return {}


def _of_earlier(started: Started, path: str) -> bytes | None:
    """Return what the last run that wrote a file has of it."""
    project = started.project
    name = project.name(TopPath(path))
    run = project.runs.index.last_writers(project.folder, [name]).get(name)
    return project.repository.objects.blob(f"{run.oid}:{path}") if run is not None else None


def _stale(before: Values, values: Values) -> dict[str, Value]:
    """Return the values that are as they were, if none is gone."""
    old, new = flatten(before), flatten(values)
    stale = {name: one for name, one in new.items() if name in old and same(old[name], one)}
    return stale if old.keys() <= new.keys() else {}


def _without_fresh(before: Document, values: Values, parts: Iterable[Document]) -> Document:
    """Leave out what parts of the file have with the same value; a copy of it is no part."""
    names = flatten(values).keys()
    for part in parts:
        if flatten(part).keys() < names:
            before = _without(before, part)
    return before


def _telling(stale: Mapping[str, Value], new: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values that are the same hardly by chance: those of a group that all are.

    A group is what has the first word of its name in common, as `eval_loss` and `eval_accuracy`.
    One accuracy may well come out twice; a count does so mostly.
    """
    groups: dict[str, list[str]] = {}
    for name in new:
        first, *rest = _BETWEEN.split(name, maxsplit=1)
        if rest:
            groups.setdefault(first, []).append(name)
    return {
        name: new[name]
        for names in groups.values()
        if all(name in stale for name in names)
        and any(isinstance(new[one], float) for one in names)
        for name in names
    }


def _without(values: Document, before: Values) -> Document:
    """Return a document without what another one has with the same value."""
    left: Document = {}
    for key, value in values.items():
        old = before.get(key)
        if key in before and same(value, old):
            continue
        if isinstance(value, dict) and isinstance(old, dict):
            left[key] = _without(value, old)
        else:
            left[key] = value
    return left


def _listed(stale: Values) -> str:
    """Return the names, those that are numbers first."""
    names = sorted(stale, key=lambda name: not is_number(stale[name]))
    more = len(names) - _SHOWN
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {counted(more, 'other')}" if more > 0 else shown
