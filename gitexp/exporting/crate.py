"""Runs as an RO-Crate, whose actions say what was run, with what, and what came of it.

The formats are https://w3id.org/ro/crate/1.1 and, for the actions,
https://w3id.org/ro/wfrun/process/0.5; their terms are those of schema.org and PROV-O can be
derived from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field

from gitexp.comparison.query.run_values import flat_values
from gitexp.exporting.texts import plain_text, quoted
from gitexp.model.command.text import command_text
from gitexp.model.record import DataPointer, RunRecord
from gitexp.model.values import Value

METADATA = "ro-crate-metadata.json"
FILES = "runs"
"""The folder of the files that come along."""

_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_CRATE = "https://w3id.org/ro/crate/1.1"
_STATUS = {"done": "CompletedActionStatus"}

Entity = dict[str, object]


class Exported(Struct, frozen=True):
    """A run with those of its files that come along."""

    oid: str
    record: RunRecord
    files: Mapping[str, bytes] = field(default_factory=dict)
    """By path: params, metrics, the environment."""


class About(Struct, frozen=True):
    """What the crate is about."""

    title: str
    url: str | None
    """Where the repository can be cloned from."""
    license: str
    date: str
    """RFC 3339."""


def described(runs: Iterable[Exported], about: About) -> Entity:
    """Return what the metadata file says."""
    entities: dict[str, Entity] = {}
    for run in runs:
        for entity in _of_run(run, about):
            entities.setdefault(str(entity["@id"]), entity)
    parts = [one for one in entities.values() if one["@type"] == "File"]
    people = [one for one in entities.values() if one["@type"] == "Person"]
    actions = [one for one in entities.values() if one["@type"] == "CreateAction"]
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Runs of {about.title}",
        "description": f"{len(actions)} recorded runs of {about.title}, as gitexp has them.",
        "datePublished": about.date,
        "license": {"@id": about.license},
        "conformsTo": {"@id": _PROFILE},
        **({"author": _one_or_all(people)} if people else {}),
        "hasPart": _references(parts),
        "mentions": _references(actions),
    }
    descriptor: Entity = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": {"@id": _CRATE},
        "about": {"@id": "./"},
    }
    profile: Entity = {
        "@id": _PROFILE,
        "@type": "CreativeWork",
        "name": "Process Run Crate",
        "version": "0.5",
    }
    license_: Entity = {"@id": about.license, "@type": "CreativeWork", "name": about.license}
    graph = [descriptor, root, profile, license_, *entities.values()]
    return {"@context": f"{_CRATE}/context", "@graph": graph}


def _of_run(run: Exported, about: About) -> Iterator[Entity]:
    record = run.record
    program = _program(record, about)
    person = _person(record)
    files = [_file(run, path, content) for path, content in run.files.items()]
    data = {role: [_data(one) for one in record.pointers if one.role == role] for role in _ROLES}
    params = list(_values(run, "params", flat_values(record.params)))
    metrics = list(_values(run, "metrics", flat_values(record.metrics)))
    read = [one for one in files if one["name"] not in record.metrics]
    results = [one for one in files if one["name"] in record.metrics]
    action: Entity = {
        "@id": f"#run-{record.id}",
        "@type": "CreateAction",
        "name": record.name,
        "identifier": run.oid,
        "description": record.message.strip() or command_text(record.command) or record.name,
        "startTime": _moment(record.started),
        "endTime": _moment(record.ended),
        "actionStatus": f"http://schema.org/{_STATUS.get(record.status, 'FailedActionStatus')}",
        "instrument": {"@id": program["@id"]},
        "object": _references([*read, *data["input"], *params]),
        "result": _references([*results, *data["output"], *metrics]),
        **({"agent": {"@id": person["@id"]}} if person else {}),
    }
    if record.status != "done":
        action["error"] = record.exit.reason or f"exit status {record.exit.code}"
    yield action
    yield program
    if person:
        yield person
    for found in (files, data["input"], data["output"], params, metrics):
        yield from found


_ROLES = ("input", "output")


def _program(record: RunRecord, about: About) -> Entity:
    address = about.url if about.url is not None and "://" in about.url else ""
    return {
        "@id": f"{address}#program-{record.baseline}-{quoted(command_text(record.command))}",
        "@type": "SoftwareApplication",
        "name": command_text(record.command) or "gitexp save",
        "softwareVersion": record.baseline or "no commit",
        **({"url": address} if address else {}),
    }


def _moment(text: str) -> str:
    """Return a moment as the profile wants it: with an offset, not with a `Z`."""
    return text.replace("Z", "+00:00")


def _person(record: RunRecord) -> Entity:
    if not record.user:
        return {}
    return {"@id": f"#person-{quoted(record.user)}", "@type": "Person", "name": record.user}


def place_of(run: Exported, path: str) -> str:
    """Return where a file of a run lies in a crate."""
    return f"{FILES}/{run.record.id}/{path}"


def _file(run: Exported, path: str, content: bytes) -> Entity:
    return {
        "@id": quoted(place_of(run, path)),
        "@type": "File",
        "name": path,
        "description": f"{path} of {run.record.name}",
        "contentSize": str(len(content)),
        "encodingFormat": "text/plain",
    }


def _data(pointer: DataPointer) -> Entity:
    """Return data that stays where it is, by its digest."""
    return {
        "@id": f"#data-{quoted(pointer.md5)}-{quoted(pointer.path)}",
        "@type": "CreativeWork",
        "name": pointer.path,
        "identifier": f"md5:{pointer.md5}",
        **({"contentSize": str(pointer.size)} if pointer.size is not None else {}),
    }


def _values(run: Exported, kind: str, values: Mapping[str, Value]) -> Iterator[Entity]:
    for name, value in values.items():
        yield {
            "@id": f"#{kind}-{run.record.id}-{quoted(name)}",
            "@type": "PropertyValue",
            "name": name,
            "value": value if isinstance(value, str | bool) else _number(value),
        }


def _number(value: Value) -> object:
    """Return a value as JSON has it: what it has no number for is a text."""
    is_plain = isinstance(value, int) or (isinstance(value, float) and abs(value) < float("inf"))
    return value if is_plain else plain_text(value)


def _one_or_all(entities: Sequence[Entity]) -> object:
    found = _references(entities)
    return found[0] if len(found) == 1 else found


def _references(entities: Iterable[Entity]) -> list[Entity]:
    return [{"@id": one["@id"]} for one in entities]
