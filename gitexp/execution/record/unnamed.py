"""Values that a run lacks only because of the settings, and what to write there."""

from __future__ import annotations

import os
from collections.abc import Iterator

from gitexp.execution.stages import Outcome, Started
from gitexp.model.paths import TopPath
from gitexp.model.patterns import is_pattern
from gitexp.model.record import RunRecord


def unnamed_values(started: Started, record: RunRecord, outcome: Outcome) -> Iterator[str]:
    """Yield a note for params files that are not there, and for what looks like metrics."""
    if record.status == "done" and record.command:
        yield from _absent_params(started, record)
        if not record.metrics and outcome.written:
            yield from (_likely_metrics(started, outcome) or _trackers(started, outcome))


def _absent_params(started: Started, record: RunRecord) -> Iterator[str]:
    project = started.project
    asked = project.config.params if project.config.names_params else ()
    for name in asked:
        if is_pattern(name) or name in record.params or os.path.lexists(project.root / name):
            continue
        known = set(map(project.name, map(TopPath, started.snapshot.entries))).difference(asked)
        import difflib  # noqa: PLC0415 - 1 ms, where one is absent

        close = difflib.get_close_matches(name, sorted(known), n=1)
        guess = f"; did you mean '{close[0]}'?" if close else ""
        yield f"note: there is no '{name}', which `params:` in gitexp.yaml names{guess}"


def _trackers(started: Started, outcome: Outcome) -> list[str]:
    """Return a note if the run logged with a tracker that the settings do not name."""
    from gitexp.metrics.likeness import tracker_of  # noqa: PLC0415 - as below

    stores = ((path, tracker) for path in outcome.written if (tracker := tracker_of(path)))
    found = next(stores, None)
    if found is None or found[1] in started.project.config.capture:
        return []
    name = started.project.name(TopPath(found[0]))
    line = f"capture: [{', '.join((*started.project.config.capture, found[1]))}]"
    return [f"note: '{name}' is of a tracker: `{line}` in gitexp.yaml records what it has"]


def _likely_metrics(started: Started, outcome: Outcome) -> list[str]:
    from gitexp.metrics.likeness import likeliest, setting_for  # noqa: PLC0415 - 1 ms, where metrics are missing

    project = started.project
    written = [path for path in outcome.written if not started.declared.is_metric(path)]
    found = likeliest(map(project.name, map(TopPath, written)))
    if found is not None:
        line = setting_for(found)
        return [f"note: '{found}' looks like metrics: `{line}` in gitexp.yaml records them"]
    return []
