"""Late facts of runs, kept as events in git notes on their commits.

A note annotates a run's commit, for people and `git log`; what counts is the run id in each
line. So two commits of one run, or a commit that a purge has replaced, lose nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gitexp.git.commits import check_identity
from gitexp.git.notes import NotesTree, changed_notes, notes_that_hold
from gitexp.git.refs import RefMoved
from gitexp.git.repository import Repository
from gitexp.model.facts import Event, Facts, event_line, events_in, fold, new_event
from gitexp.model.values import Value
from gitexp.store.branch import locked
from gitexp.store.join import NOTES
from gitexp.store.reading import StoredRun

_ATTEMPTS = 100
_SEARCHED = 50
"""For how many runs it is quicker to search the notes than to read them all."""

Change = tuple[StoredRun, str, Value]
"""A run, the operation of an event and its value."""


def facts_between(
    repository: Repository, seen: str | None, tip: str | None
) -> Iterator[tuple[str, Facts]]:
    """Yield id and facts of each run whose notes differ between two commits of the notes ref.

    The facts are whole: what there is at `tip`, `Facts()` where nothing is left. They may be
    of runs that are not on the branch, or not yet. Where `seen` is None or unknown here,
    all facts there are get yielded, and nothing of those that are gone.
    """
    known = repository.objects.commit(seen) if seen is not None else None
    changed = changed_notes(repository, known, tip)
    before = _events(repository, [blob for old, _ in changed.values() for blob in old])
    after = {annotated: new for annotated, (_, new) in changed.items()}
    runs = {event.run for event in before}
    events = _events(repository, [blob for new in after.values() for blob in new])
    runs |= {event.run for event in events}
    if known is not None and tip is not None:
        events += _elsewhere(repository, tip, runs, after)
    by_run: dict[str, list[Event]] = {run: [] for run in sorted(runs)}
    for event in events:
        if event.run in by_run:
            by_run[event.run].append(event)
    for run, told in by_run.items():
        yield run, fold(told)


def _elsewhere(
    repository: Repository, tip: str, runs: set[str], changed: Iterable[str]
) -> list[Event]:
    """Return the events of runs on other commits than those whose notes have changed."""
    known = set(changed)
    if len(runs) > _SEARCHED:
        notes = changed_notes(repository, None, tip)
        blobs = [blob for oid, (_, new) in notes.items() if oid not in known for blob in new]
        return _events(repository, blobs)
    if not runs:
        return []
    tree = NotesTree(repository, NOTES, tip)
    others = notes_that_hold(repository, tip, sorted(runs)) - known
    return [event for oid in sorted(others) for event in events_in(tree.read(oid))]


def _events(repository: Repository, blobs: Sequence[str]) -> list[Event]:
    found = repository.objects.read_many(blobs)
    return [event for blob in found if blob is not None for event in events_in(blob.content)]


def append(repository: Repository, changes: Iterable[Change], *, message: str) -> list[Event]:
    """Add an event for each change, in one commit of the notes; nothing that was there is lost.

    Each is later than whatever this clone knows of its run, however the clocks go.
    """
    wanted = list(changes)
    check_identity(repository)
    identity = repository.line("var", "GIT_COMMITTER_IDENT")
    by = f"{identity.rpartition('>')[0]}>"
    with locked(repository):
        for _ in range(_ATTEMPTS):
            notes = NotesTree(repository, NOTES, repository.objects.commit(NOTES))
            contents: dict[str, bytes] = {}
            events = []
            for run, op, value in wanted:
                content = contents.get(run.oid) or notes.read(run.oid)
                told = [event.time for event in events_in(content) if event.run == run.id]
                event = new_event(run.id, op, value, by=by, after=(run.facts.last, *told))
                contents[run.oid] = b"%s%s\n" % (content, event_line(event).encode())
                events.append(event)
            try:
                notes.write(contents, message=message, identity=identity)
            except RefMoved:
                continue
            return events
    raise RefMoved(f"the notes moved {_ATTEMPTS} times while facts were being added")
