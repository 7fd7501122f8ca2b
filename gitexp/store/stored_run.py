"""A run as its commit holds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import astuple, replace

from gitexp.model.facts import NO_FACTS, Facts
from gitexp.model.paths import ProjectPath
from gitexp.model.record import RunRecord
from gitexp.model.record_json import UnreadableRecord, from_json

RECORD_NAME = ProjectPath(".gitexp/run.json")
PROGRESS_NAME = ProjectPath(".gitexp/progress.jsonl")
"""Where a run that was watched has what it reported."""
SWEEP_NAME = ProjectPath(".gitexp/sweep.json")
"""Where a run of a sweep has the definition of that."""
FEW = 101
"""From how many runs on it pays to have something that does nothing but read them."""

_parsed = lru_cache(maxsize=32)(from_json)
"""Records read before; whoever looks at few runs asks for the same ones time and again."""


_INDEX_HINT = (
    "It could be read before: the search index is damaged. "
    '`rm "$(git rev-parse --git-common-dir)"/gitexp/index.sqlite*` has it made anew.'
)


class StoredRun(Struct, frozen=True, eq=False):
    """A run as its commit holds it, and what was said of it later."""

    oid: str
    id: str
    recorded_name: str
    project: str
    content: bytes
    """The bytes of `run.json`."""
    facts: Facts = NO_FACTS
    checked: bool = False
    """Whether it is known that the record can be read: not part of what the run is."""
    known: RunRecord | None = None
    """The record without late facts, where it has been made already: not part of it either."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredRun) and astuple(self)[:-2] == astuple(other)[:-2]

    def __hash__(self) -> int:
        return hash(self.oid)

    @property
    def name(self) -> str:
        """The name that the run goes by now."""
        return self.facts.name or self.recorded_name

    @property
    def record(self) -> RunRecord:
        """The run with its late facts; raises UnreadableRecord if it needs a newer gitexp.

        Others may have the same values: they are not to be changed.
        """
        try:
            return self._with_facts(self.known or _parsed(self.content, checked=self.checked))
        except UnreadableRecord as error:
            message = f"run '{self.name}' cannot be read: {error}"
            hint = error.hint or (_INDEX_HINT if self.checked else None)
            raise UnreadableRecord(message, hint=hint) from error

    def record_by(self, read: Callable[[bytes], RunRecord]) -> RunRecord:
        """Return the record, which something made for many reads; nobody remembers it."""
        return self._with_facts(self.known or read(self.content))

    def own_record(self) -> RunRecord:
        """Return the same with values that nobody else has, for those who may change them."""
        return self._with_facts(from_json(self.content, checked=self.checked))

    def _with_facts(self, record: RunRecord) -> RunRecord:
        facts = self.facts
        if facts.last is None:  # whose name may be another one than the message's, if it is forged
            return record if record.name == self.name else replace(record, name=self.name)
        kept = (tag for tag in record.tags if tag not in facts.untagged)
        return replace(
            record,
            name=self.name,
            tags=tuple(dict.fromkeys((*kept, *facts.tags))),
            comments=facts.comments,
            verified=facts.verified,
            evaluations=facts.evaluations,
        )

    @property
    def problem(self) -> str | None:
        """Why the record cannot be read, if it cannot."""
        try:
            self.own_record()
        except UnreadableRecord as unreadable:
            return str(unreadable)
        return None


def read_by_the_hundred(runs: Sequence[StoredRun]) -> Sequence[StoredRun]:
    """Return the same runs with their records, of many in a fifth of the time."""
    if len(runs) < FEW:
        return runs
    from gitexp.model.many_records import many_reader  # noqa: PLC0415 - 2 ms, where there are many

    return [_with_record(run, many_reader()) for run in runs]


def _with_record(run: StoredRun, read: Callable[[bytes], RunRecord]) -> StoredRun:
    try:
        return run if run.known is not None else replace(run, known=read(run.content))
    except UnreadableRecord:  # for whoever asks for its record
        return run
