"""What a record says of the runs that its command made with trackers, beside their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitexp.model.record import TRACKERS, RunRecord


def tracker_facts(record: RunRecord) -> Iterator[tuple[str, object]]:
    """Yield the run of each tracker, its tags and its models, as facts of a run."""
    known = record.extra.get("trackers")
    for name in TRACKERS:
        said = known.get(name) if isinstance(known, Mapping) else None
        if isinstance(said, Mapping):
            group = f"in {said['group']}" if said.get("group") else ""
            yield name, " ".join(_texts(said.get("name"), _in_brackets(said.get("run")), group))
            yield f"{name} tags", ", ".join(_tags(said.get("tags")))
            yield f"{name} models", ", ".join(_models(said.get("models")))


def _in_brackets(value: object) -> str:
    return f"({value})" if value else ""


def _texts(*values: object) -> Iterator[str]:
    return (str(value) for value in values if value)


def _tags(tags: object) -> Iterator[str]:
    for key, value in tags.items() if isinstance(tags, Mapping) else ():
        yield f"{key}={value}" if value else str(key)


def _models(models: object) -> Iterator[str]:
    for one in models if isinstance(models, list | tuple) else ():
        if isinstance(one, Mapping):
            place = one.get("path") or one.get("address") or one.get("md5")
            yield ": ".join(_texts(one.get("name"), place))
