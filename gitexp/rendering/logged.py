"""The runs that a command made with trackers, beside their values, as facts of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitexp.model.imported import imported, is_foreign
from gitexp.model.logged import models_in, runs_of_trackers
from gitexp.model.record import RunRecord

_ARTIFACTS = 5
"""How many are shown; `--json` has all."""


def tracker_facts(record: RunRecord) -> Iterator[tuple[str, object]]:
    """Yield the run of each tracker, its tags and its models, and where a run was imported from."""
    for name, said in runs_of_trackers(record):
        group = f"in {said['group']}" if said.get("group") else ""
        run = f"({said['run']})" if said.get("run") else ""
        yield name, " ".join(_texts(said.get("name"), run, group))
        yield f"{name} tags", ", ".join(_tags(said.get("tags")))
        yield f"{name} models", ", ".join(map(_model, models_in(said)))
    yield from _imported_facts(record)


def _imported_facts(record: RunRecord) -> Iterator[tuple[str, object]]:
    said = imported(record)
    if not is_foreign(record):
        return
    group = f"in {said['group']}" if said.get("group") else ""
    run = f"({said['run']})" if said.get("run") else ""
    yield "imported from", " ".join(_texts(said.get("from"), said.get("name"), run, group))
    yield "labels", ", ".join(_tags(said.get("tags")))
    yield "part of", said.get("parent") or ""
    found = said.get("artifacts")
    artifacts = [one for one in (found if isinstance(found, list) else ()) if isinstance(one, dict)]
    more = len(artifacts) - _ARTIFACTS
    named = ", ".join(map(_artifact, artifacts[:_ARTIFACTS]))
    yield "artifacts", f"{named} and {more} more" if more > 0 else named


def _artifact(one: Mapping[str, object]) -> str:
    place = one.get("place") or one.get("hash")
    return ": ".join(_texts(one.get("name"), place))


def _texts(*values: object) -> Iterator[str]:
    return (str(value) for value in values if value)


def _tags(tags: object) -> Iterator[str]:
    for key, value in tags.items() if isinstance(tags, Mapping) else ():
        yield f"{key}={value}" if value else str(key)


def _model(one: Mapping[str, object]) -> str:
    place = one.get("path") or one.get("address") or one.get("md5")
    return ": ".join(_texts(one.get("name"), place))
