"""Late facts: what people say about a run after it was recorded, as events that fold into a state.

An event is one line of strict JSON. Lines merge by being put together, in any order and any
number of times: what counts is the order of (time, id).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from operator import itemgetter
from typing import TypeAlias

from msgspec import Struct, field
from msgspec.structs import asdict

from gitexp.errors import GitexpError
from gitexp.model.evaluation import Evaluation, evaluation_of
from gitexp.model.names import check_name, check_tag
from gitexp.model.record import Comment, parse_time, time_text
from gitexp.model.values import Value, dumps, loads
from gitexp.model.verification import Verified, verification_of

_TEXTS = ("time", "id", "run", "op")
_TICK = timedelta(milliseconds=1)


class Event(Struct, frozen=True):
    """One thing that somebody said about a run."""

    time: str
    """RFC 3339, UTC, to the millisecond at least."""
    id: str
    """Random: it orders events of one moment, and tells equal ones apart."""
    run: str
    """The run's id; the commit that carries the note may be another one after a purge."""
    op: str
    """'tag', 'untag', 'note', 'rename', 'rm', 'restore', 'verify', 'evaluate'; others stay."""
    value: Value = None
    by: str = ""
    """Name and email address, as git writes them."""


class Facts(Struct, frozen=True):
    """What the events of one run come to."""

    tags: tuple[str, ...] = ()
    """In the order in which they were given."""
    untagged: tuple[str, ...] = ()
    """Tags taken away, whether of the record or late ones."""
    comments: tuple[Comment, ...] = ()
    """In the order in which they were written."""
    name: str | None = None
    """The name that the run was given afterwards."""
    removed: bool = False
    """Whether the run is hidden."""
    verified: Verified | None = None
    """What the last verification found."""
    evaluations: tuple[Evaluation, ...] = ()
    """What its models came to on held-out data, in the order of their times."""
    last: str | None = None
    """The time of the last event: the next one has to be later."""
    notes: tuple[str, ...] = ()
    """The commits whose notes hold the events: more than one after a purge, say."""

    @property
    def held_out(self) -> dict[str, float]:
        """The numbers of the last evaluation, under names that begin with `held_out.`."""
        return self.evaluations[-1].numbers if self.evaluations else {}


NO_FACTS = Facts()
"""What is said about most runs."""


class _State(Struct):
    tags: dict[str, bool] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    name: str | None = None
    removed: bool = False
    verified: Verified | None = None
    evaluations: list[Evaluation] = field(default_factory=list)


def new_event(run: str, op: str, value: Value, *, by: str, after: Iterable[str | None]) -> Event:
    """Return an event of now, or of a moment after those given if the clock is behind them."""
    moment = datetime.now(timezone.utc)
    for text in after:
        if text is not None and (seen := parse_time(text)) >= _to_the_tick(moment):
            with contextlib.suppress(OverflowError):  # somebody's clock stood at the end of time
                moment = seen + _TICK
    from random import SystemRandom  # noqa: PLC0415 - 1 ms, where something is said of a run

    return Event(time_text(moment), f"{SystemRandom().getrandbits(64):016x}", run, op, value, by)


def _to_the_tick(moment: datetime) -> datetime:
    """Return the moment as `time_text` keeps it."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def event_line(event: Event) -> str:
    """Return an event as one line of JSON.

    >>> event_line(Event("2026-01-02T03:04:05.000Z", "0f", "7fk2m9q4ab", "tag", "best"))
    '{"time":"2026-01-02T03:04:05.000Z","id":"0f","run":"7fk2m9q4ab","op":"tag","value":"best"}'
    """
    known = asdict(event)
    if not event.by:
        del known["by"]
    return dumps(known)


def events_in(content: bytes) -> Iterator[Event]:
    """Yield the events of a note, in the order of its lines; whatever else is there is skipped.

    >>> [event.op for event in events_in(b'{"time":"2026-01-02","id":1}\\nby hand\\n')]
    []
    """
    for line in content.split(b"\n"):
        if line.startswith(b"{") and (event := _event(line)) is not None:
            yield event


def _event(line: bytes) -> Event | None:
    try:
        values = loads(line)
    except ValueError:
        return None
    if not isinstance(values, dict):
        return None
    texts = {name: text for name in _TEXTS if isinstance(text := values.get(name), str)}
    if len(texts) < len(_TEXTS) or not _is_time(texts["time"]):
        return None
    by = values.get("by")
    return Event(**texts, value=values.get("value"), by=by if isinstance(by, str) else "")


def _is_time(text: str) -> bool:
    try:
        return _moment(text).tzinfo is not None
    except ValueError:
        return False


_moment = lru_cache(1024)(parse_time)
"""Read for each line, and again when it is folded."""


def fold(events: Iterable[Event], notes: Iterable[str] = ()) -> Facts:
    """Return what the events of one run come to, in whatever order they stand, in what notes.

    >>> one = Event("2026-01-02T03:04:05.000Z", "0f", "7fk2m9q4ab", "tag", "best")
    >>> two = Event("2026-01-02T03:04:05.001Z", "1e", "7fk2m9q4ab", "untag", "best")
    >>> fold([two, one, two]).untagged
    ('best',)
    """
    ordered = _in_order(events)
    state = _State()
    for event in ordered:
        if event.op in _OPERATIONS:
            _OPERATIONS[event.op](state, event)
    return Facts(
        tags=tuple(tag for tag, given in state.tags.items() if given),
        untagged=tuple(tag for tag, given in state.tags.items() if not given),
        comments=tuple(state.comments),
        name=state.name,
        removed=state.removed,
        verified=state.verified,
        evaluations=tuple(state.evaluations),
        last=ordered[-1].time if ordered else None,
        notes=tuple(sorted(notes)),
    )


def _in_order(events: Iterable[Event]) -> list[Event]:
    """Return each event once, by time and id; those that somebody edited, by their lines."""
    found: dict[tuple[datetime, str], list[Event]] = {}
    for event in events:
        found.setdefault((_moment(event.time), event.id), []).append(event)
    ordered: list[Event] = []
    for _, same in sorted(found.items(), key=itemgetter(0)):
        ordered += same if len(same) == 1 else _by_line(same)
    return ordered


def _by_line(events: Iterable[Event]) -> list[Event]:
    lines = {event_line(event): event for event in events}
    return [lines[line] for line in sorted(lines)]


def _tag(state: _State, event: Event) -> None:
    if (tag := _checked(event.value, check_tag)) is not None:
        if not state.tags.get(tag):
            state.tags.pop(tag, None)  # given again, it comes last
        state.tags[tag] = True


def _untag(state: _State, event: Event) -> None:
    if (tag := _checked(event.value, check_tag)) is not None:
        state.tags[tag] = False


def _note(state: _State, event: Event) -> None:
    if isinstance(event.value, str) and event.value.strip():
        state.comments.append(Comment(event.value, event.by, event.time))


def _rename(state: _State, event: Event) -> None:
    if (name := _checked(event.value, check_name)) is not None:
        state.name = name


def _rm(state: _State, _: Event) -> None:
    state.removed = True


def _restore(state: _State, _: Event) -> None:
    state.removed = False


def _verify(state: _State, event: Event) -> None:
    if (answer := verification_of(event.value)) is not None:
        state.verified = Verified(answer, event.by, event.time)


def _evaluate(state: _State, event: Event) -> None:
    if (found := evaluation_of(event.value, event.by, event.time)) is not None:
        state.evaluations.append(found)


_Operation: TypeAlias = Callable[[_State, Event], None]
_OPERATIONS: Mapping[str, _Operation] = {
    "tag": _tag,
    "untag": _untag,
    "note": _note,
    "rename": _rename,
    "rm": _rm,
    "restore": _restore,
    "verify": _verify,
    "evaluate": _evaluate,
}


def _checked(value: Value, check: Callable[[str], None]) -> str | None:
    """Return a name that may stand in a table; None for one that somebody made up by hand."""
    if not isinstance(value, str):
        return None
    try:
        check(value)
    except GitexpError:
        return None
    return value
