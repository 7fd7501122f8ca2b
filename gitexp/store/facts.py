"""Late facts of runs, kept as events in git notes on their commits.

A note annotates a run's commit, for people and `git log`; what counts is the run id in each
line. So two commits of one run, or a commit that a purge has replaced, lose nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from gitexp.git.commits import check_identity
from gitexp.git.damage import OBJECTS_HINT, Damaged
from gitexp.git.ends import end_of
from gitexp.git.notes import NotesTree, changed_notes, notes_that_hold
from gitexp.git.objects import GitObject
from gitexp.git.refs import RefMoved
from gitexp.git.repository import Repository
from gitexp.model.facts import Event, Facts, event_line, events_in, fold, new_event
from gitexp.model.values import Value
from gitexp.store.branch import root_oid
from gitexp.store.locks import locked
from gitexp.store.own import NOTES
from gitexp.store.stored_run import StoredRun

_ATTEMPTS = 100
_SEARCHED = 50
"""For how many runs it is quicker to search the notes than to read them all."""

_NAMED = 3

Change = tuple[StoredRun, str, Value]
"""A run, the operation of an event and its value."""


def facts_between(
    repository: Repository,
    seen: str | None,
    tip: str | None,
    known: Callable[[str], Facts] | None = None,
) -> Iterator[tuple[str, Facts]]:
    """Yield id and facts of each run whose notes differ between two commits of the notes ref.

    The facts are whole: what there is at `tip`, `NO_FACTS` if nothing is left. They may
    be of runs that are not on the branch, or not yet. If `seen` is None or unknown here,
    all facts that exist are yielded, and nothing for those that are gone.

    `known` gives the facts that a run had at `seen`; without it, all notes are searched for
    those of a run on other commits.
    """
    start = repository.objects.commit(seen) if seen is not None else None
    changed = changed_notes(repository, start, tip)
    before = _events(repository, {oid: old for oid, (old, _) in changed.items()})
    after = _events(repository, {oid: new for oid, (_, new) in changed.items()})
    runs = sorted({event.run for _, event in (*before, *after)})
    if start is not None and tip is not None and runs:
        if known is not None:
            others = {oid for run in runs for oid in known(run).notes}
        else:
            others = _all_that_name(repository, tip, runs)
        tree = NotesTree(repository, NOTES, tip)
        after += [
            (oid, event) for oid in others - changed.keys() for event in events_in(tree.read(oid))
        ]
    by_run: dict[str, list[tuple[str, Event]]] = {run: [] for run in runs}
    for oid, event in after:
        if event.run in by_run:
            by_run[event.run].append((oid, event))
    for run, told in by_run.items():
        yield run, fold((event for _, event in told), {oid for oid, _ in told})


def _all_that_name(repository: Repository, tip: str, runs: list[str]) -> set[str]:
    """Return the commits whose notes may hold events of the runs."""
    if len(runs) > _SEARCHED:
        return set(changed_notes(repository, None, tip))
    return notes_that_hold(repository, tip, runs)


def _events(repository: Repository, notes: Mapping[str, Sequence[str]]) -> list[tuple[str, Event]]:
    """Return the events in blobs that are notes, with the oid of what they annotate."""
    places = [(oid, blob) for oid, blobs in notes.items() for blob in blobs]
    found = repository.objects.read_many(blob for _, blob in places)
    return [
        (oid, event)
        for (oid, _), blob in zip(places, found, strict=True)
        for event in events_in(_content(oid, blob))
    ]


def _content(annotated: str, blob: GitObject | None) -> bytes:
    if blob is None:
        raise Damaged(f"git cannot read the note on {annotated[:10]}", OBJECTS_HINT)
    return blob.content


def facts_on(repository: Repository, run: StoredRun, notes: str | None) -> Facts:
    """Return the facts in the note on a run's commit: all there are for a run that no index has.

    `notes` is the end of the notes.
    """
    content = NotesTree(repository, NOTES, notes).read(run.oid)
    events = [event for event in events_in(content) if event.run == run.id]
    return fold(events, [run.oid] if events else [])


def count_changed(repository: Repository, seen: str | None, tip: str | None) -> int:
    """Return on how many runs the notes of two commits of the notes ref differ."""
    changed = changed_notes(repository, seen, tip)
    return len(changed.keys() - {root_oid(repository.object_format)})


def append(repository: Repository, changes: Iterable[Change]) -> list[Event]:
    """Add an event for each change, in one commit of the notes; nothing that was there is lost.

    Each is later than whatever this clone knows of its run, whatever the clocks say.
    """
    said = list(changes)
    wanted = [_Wanted(run.oid, run.id, op, value, run.facts.last) for run, op, value in said]

    def write(notes: NotesTree, contents: Mapping[str, bytes], told: _Said) -> None:
        notes.write(contents, message=_subject(said), identity=told.identity)

    return _append(repository, wanted, write) if wanted else []


def append_to_branch(
    repository: Repository,
    op: str,
    value: Value,
    *,
    message: str,
    trailer: str,
    before: Callable[[Event], None],
) -> str | None:
    """Add an event that is not about a single run, to the root of the branch.

    `before` hears of it before it is there; its id stands in the commit's message as `trailer`. The
    commit is signed where the user's commits are. Returns why it is not, if it should be.
    """
    wanted = _Wanted(root_oid(repository.object_format), "", op, value)
    why: list[str] = []

    def write(notes: NotesTree, contents: Mapping[str, bytes], said: _Said) -> None:
        [event] = said.events
        before(event)
        whole = f"{message}\n{trailer}: {event.id}\n"
        why[:] = filter(None, [notes.write_signed(contents, message=whole, identity=said.identity)])

    _append(repository, [wanted], write)
    return why[0] if why else None


class _Wanted(Struct, frozen=True):
    annotated: str
    run: str
    op: str
    value: Value
    last: str | None = None
    """The time of the last event that is known of the run."""


class _Said(Struct, frozen=True):
    events: list[Event]
    identity: str
    """Whose they are, and when, as `git var` prints it."""


_Write = Callable[[NotesTree, Mapping[str, bytes], _Said], None]


def _append(repository: Repository, wanted: Sequence[_Wanted], write: _Write) -> list[Event]:
    check_identity(repository)
    identity = repository.line("var", "GIT_COMMITTER_IDENT")
    by = f"{identity.rpartition('>')[0]}>"
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):  # only for order: the ref moves by compare-and-swap
            held.enter_context(locked(repository))
        for _ in range(_ATTEMPTS):
            notes = NotesTree(repository, NOTES, end_of(repository, NOTES))
            contents: dict[str, bytes] = {}
            events = []
            for one in wanted:
                content = contents.get(one.annotated) or notes.read(one.annotated)
                event = new_event(one.run, one.op, one.value, by=by, after=_before(one, content))
                contents[one.annotated] = b"%s%s\n" % (content, event_line(event).encode())
                events.append(event)
            try:
                write(notes, contents, _Said(events, identity))
            except RefMoved:
                continue
            return events
    raise RefMoved(f"the notes moved {_ATTEMPTS} times while facts were being added")


def _before(one: _Wanted, content: bytes) -> list[str | None]:
    """Return the times that an event has to be later than, whatever the clock says.

    It has to be later than none if it is about no run: what stood at a path before the time of a
    purge goes, so anybody's line of the year 9999 would make it take what is yet to come.
    """
    if not one.run:
        return []
    return [one.last, *(event.time for event in events_in(content) if event.run == one.run)]


def _subject(changes: Sequence[Change]) -> str:
    """Return what `git log refs/notes/gitexp` says of the changes."""
    told = dict.fromkeys(f"{op} {run.name}" for run, op, _ in changes)
    more = f" and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return f"{', '.join(list(told)[:_NAMED])}{more}"
