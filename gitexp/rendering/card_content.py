"""What a model card tells, as a value."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from gitexp.model.record import DataPointer, RunRecord
from gitexp.model.values import Value
from gitexp.model.verification import Verification
from gitexp.rendering.cells import shortened
from gitexp.review.statistics import Sample


class Said(Struct, frozen=True):
    """What was found out about a run after it: an evaluation, a verification."""

    time: str
    by: str
    facts: Mapping[str, Value]
    """By what they are about, in words."""


class Card(Struct, frozen=True):
    """All that a card tells."""

    model: str
    version: str
    stages: tuple[str, ...]
    path: str
    md5: str
    record: RunRecord
    oid: str
    tag: str
    promoted: str
    """When the version was registered."""
    by: str
    words: str = ""
    """What whoever promoted it said."""
    override: str = ""
    refused: str = ""
    library: str | None = None
    """What hubs call the library of the file, if the file itself says so."""
    packages: Mapping[str, str] = field(default_factory=dict)
    writers: Mapping[str, str] = field(default_factory=dict)
    """The names of the runs that wrote its inputs, by path."""
    repeats: Mapping[str, Sample] = field(default_factory=dict)
    """Metrics over all repeats of the run, by flat name."""
    metrics: Mapping[str, Value] = field(default_factory=dict)
    params: Mapping[str, Value] = field(default_factory=dict)
    evaluations: tuple[Said, ...] = ()
    verifications: tuple[Said, ...] = ()
    held_out: Mapping[str, Value] = field(default_factory=dict)
    remote: str | None = None
    """Where the repository can be cloned from, without a user's name or password."""

    @property
    def inputs(self) -> list[DataPointer]:
        """The data that the run read."""
        return [one for one in self.record.pointers if one.role == "input"]

    @property
    def name(self) -> str:
        """The version as a person would name it."""
        return f"{self.model}@{self.version}"


def facts_of(answer: Verification) -> dict[str, Value]:
    """Return what a verification found, in words; long texts are cut.

    >>> from gitexp.model.verification import Machine
    >>> facts_of(Verification("reproduced", {"f1": "equal"}, on=Machine("vm", None, "3.12.1")))
    {'result': 'reproduced', 'metric f1': 'equal', 'where': 'vm, Python 3.12.1'}
    """
    on = answer.on
    python = f"Python {on.python}" if on.python else None
    found: dict[str, Value] = {
        "result": answer.result,
        **{f"metric {name}": word for name, word in answer.metrics.items()},
        **{f"output {name}": word for name, word in answer.outputs.items()},
        "why": "; ".join(answer.reasons),
        "where": ", ".join(part for part in (on.host, python) if part),
        "platform": on.platform,
        "reruns": answer.reruns if answer.reruns > 1 else None,
    }
    return {
        name: shortened(one, 200) if isinstance(one, str) else one
        for name, one in found.items()
        if one not in (None, "")
    }
