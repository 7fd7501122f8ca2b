"""Finding the run that a person means: by name, id, their start, tag, or place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import timezone

from gitexp.errors import GitexpError
from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.record import parse_time
from gitexp.store.index.selection import Selection
from gitexp.store.journal import Entry, Journal, is_any_under_way
from gitexp.store.runs import RunStore
from gitexp.store.stored_run import StoredRun

_LATEST = lazy_pattern(r"latest(?:~(\d+))?")
BEST, TAG = "best:", "tag:"
_SHOWN = 5
_AUTHOR = lazy_pattern(rb"^author (.*) <", re.MULTILINE)


class UnknownRun(GitexpError):
    """No run, or more than one, goes by that name."""


class NoRuns(UnknownRun):
    """There is no run at all, or none that ended well."""

    def __init__(self, message: str = "there are no runs yet") -> None:
        super().__init__(message, hint="Make one with `gitexp run`.")


class UnderWay(UnknownRun):
    """The run of that name has not ended."""


def find_run(store: RunStore, text: str) -> StoredRun | None:
    """Return the run that a selector names, or None if it names none.

    In this order: a name or id, `latest` and `latest~N`, `best:METRIC`, `tag:TAG`, the unique
    start of a name or id, a run's tag (these two unless a branch or tag of git has just that
    name), a git rev whose commit is a run. Raises UnknownRun if several runs answer to it, and
    UnderWay where only the start of another run's name would match the whole one of a run that
    has not ended.
    """
    exact = store.index.named(text, store.project)
    if exact:
        return _only(store, text, exact)
    if match := _LATEST.fullmatch(text):
        return _latest(store, int(match[1] or 0))
    if text.startswith(BEST):
        return _best(store, text.removeprefix(BEST))
    if text.startswith(TAG):
        return _only(store, text, store.index.tagged(text.removeprefix(TAG), store.project))
    if not text:
        return None
    refuse_under_way(store, text)
    return _begun_or_tagged(store, text) or store.of_commit(text)


def _begun_or_tagged(store: RunStore, text: str) -> StoredRun | None:
    found = store.index.beginning(text, store.project) or store.index.tagged(text, store.project)
    return _only(store, text, found) if found and not _is_ref(store, text) else None


def refuse_under_way(store: RunStore, text: str) -> None:
    """Raise UnderWay if a text is the whole name or id of a run that has not ended."""
    entry = _entry(store, text)
    if entry is not None and not _is_ref(store, text):
        raise _under_way(entry, text)


def get_run(store: RunStore, text: str) -> StoredRun:
    """Return the run that a selector names; raise UnknownRun with the close names if none."""
    found = find_run(store, text)
    if found is None:
        raise unknown(store, text, "run")
    return found


def get_runs(store: RunStore, texts: Iterable[str]) -> list[StoredRun]:
    """Return the runs that selectors name, each once."""
    found = (get_run(store, text) for text in texts)
    return list({run.id: run for run in found}.values())


def unknown(
    store: RunStore, text: str, what: str, others: Callable[[], Iterable[str]] = tuple
) -> UnknownRun:
    """Return the error for a selector that names nothing, or a run that has not ended.

    `others` are names that do where it stands, besides those of runs.
    """
    entry = _entry(store, text)
    if entry is not None:
        return _under_way(entry, text)
    renamed = store.index.once_named(text, store.project)
    if renamed:
        names = ", ".join(f"'{run.name}'" for run in renamed[:_SHOWN])
        return UnknownRun(f"no {what} '{text}' any more", hint=f"It is now called {names}.")
    if text and not text.startswith("-") and store.repository.objects.commit(text) is not None:
        hint = f"`gitexp diff {text}` compares any commits; `gitexp ls` lists all runs."
        return UnknownRun(f"'{text}' is a commit, but not a run", hint=hint)
    import difflib  # noqa: PLC0415 - 1 ms, on the way out alone

    index, project = store.index, store.project
    running = (one.name for one in _entries(store))
    known = [*index.names_like(text, project), *index.tags(project), *running, *others()]
    close = difflib.get_close_matches(text, known, n=1)
    hint = f"Did you mean '{close[0]}'? " if close else ""
    return UnknownRun(f"no {what} '{text}'", hint=f"{hint}`gitexp ls` lists all runs.")


def _entries(store: RunStore) -> list[Entry]:
    """Return the runs of the project in the journal; where it is empty, after a look at folders."""
    if not is_any_under_way(store.repository):
        return []
    return [one for one in Journal(store.repository).entries() if one.folder == store.project]


def _entry(store: RunStore, text: str) -> Entry | None:
    named = (one for one in _entries(store) if text in (one.name, one.id))
    return next((one for one in named if not one.is_over), None)


def _under_way(entry: Entry, text: str) -> UnderWay:
    hint = f"Wait for its end; `gitexp show -f {entry.name}` follows it."
    return UnderWay(f"run '{text}' is under way", hint=hint)


def _latest(store: RunStore, back: int) -> StoredRun:
    found = store.index.runs(store.project, limit=1, skip=back)
    if not found:
        count = store.index.count(Selection(store.project))
        if not count:
            raise NoRuns
        have = "is only one run" if count == 1 else f"are only {count} runs"
        raise UnknownRun(f"there {have}", hint="`gitexp ls` lists them.")
    return found[0]


def _best(store: RunStore, metric: str) -> StoredRun:
    found = store.best_of(metric) if store.best_of is not None else _single_best(store, metric)
    if found is None:
        raise UnknownRun(f"no successful run has the metric '{metric}'")
    return found


def _single_best(store: RunStore, metric: str) -> StoredRun | None:
    from gitexp.store.wanted import best_selection  # noqa: PLC0415 - 5 ms, rarely asked for

    return next(iter(store.index.select(best_selection(store, metric, limit=1))), None)


def hidden_ref(store: RunStore, text: str) -> str | None:
    """Return git's branch or tag of the very name of a run, which the run is taken for."""
    return _ref_of(store, text) if text and store.index.named(text, store.project) else None


def _is_ref(store: RunStore, text: str) -> bool:
    return _ref_of(store, text) is not None


def _ref_of(store: RunStore, text: str) -> str | None:
    refs = (f"refs/{kind}/{text}" for kind in ("heads", "tags", "remotes"))
    return next((ref for ref in refs if store.repository.objects.commit(ref)), None)


def _whose(store: RunStore, run: StoredRun) -> str:
    """Return what tells a run from its namesakes: its id, who recorded it, and when it began."""
    commit = store.repository.objects.read(run.oid)
    author = _AUTHOR.search(commit.content) if commit is not None else None
    facts = [run.id, author[1].decode(errors="replace") if author is not None else ""]
    if run.problem is None:
        moment = parse_time(run.record.started).astimezone(timezone.utc)
        facts.append(f"{moment:%Y-%m-%d %H:%M} UTC")
    return ", ".join(fact for fact in facts if fact)


def _only(store: RunStore, text: str, found: list[StoredRun]) -> StoredRun | None:
    """Return the one that was found, None if there is none; raise UnknownRun for several."""
    if not found:
        return None
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{run.name} ({_whose(store, run)})" for run in found[:_SHOWN])
    more = ", …" if len(found) > _SHOWN else ""
    raise UnknownRun(
        f"'{text}' may be any of {len(found)} runs: {listed}{more}",
        hint="Give the id, or more of the name.",
    )
