"""What the record of a run says of the runs that its command made with trackers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitexp.model.record import TRACKERS, RunRecord


def runs_of_trackers(record: RunRecord) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the run of each tracker with what is said of it; a record may come from anybody."""
    known = record.extra.get("trackers")
    for name in TRACKERS:
        said = known.get(name) if isinstance(known, Mapping) else None
        if isinstance(said, Mapping):
            yield name, said


def models_in(said: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Yield the models that a tracker's run has, by reference."""
    models = said.get("models")
    for one in models if isinstance(models, list | tuple) else ():
        if isinstance(one, Mapping):
            yield one
