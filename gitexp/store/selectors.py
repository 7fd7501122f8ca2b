"""Finding the run that a person means: by name, id, their start, or `latest`."""

from __future__ import annotations

import re

from gitexp.errors import GitexpError
from gitexp.store.reading import StoredRun
from gitexp.store.runs import RunStore

_LATEST = re.compile(r"latest(?:~(\d+))?")
_SHOWN = 5


class UnknownRun(GitexpError):
    """No run, or more than one, goes by that name."""


def find_run(store: RunStore, text: str) -> StoredRun | None:
    """Return the run that a selector names, or None if it names none.

    In this order: a name or id, `latest` and `latest~N`, the unique start of a name or id
    (unless a branch or tag is called just that), a git rev whose commit is a run. Raises
    UnknownRun where several runs answer to it.
    """
    exact = store.index.named(text, store.project)
    if exact:
        return _only(text, exact)
    if match := _LATEST.fullmatch(text):
        return _latest(store, int(match[1] or 0))
    if not text:
        return None
    begun = store.index.beginning(text, store.project)
    if begun and not _is_ref(store, text):
        return _only(text, begun)
    return store.of_commit(text)


def get_run(store: RunStore, text: str) -> StoredRun:
    """Return the run that a selector names; raise UnknownRun with the close names if none."""
    found = find_run(store, text)
    if found is None:
        raise unknown(store, text, "run")
    return found


def unknown(store: RunStore, text: str, what: str) -> UnknownRun:
    """Return the error for a selector that names nothing."""
    import difflib  # noqa: PLC0415 - only on the way out

    close = difflib.get_close_matches(text, store.index.names(store.project), n=1)
    hint = f"Did you mean '{close[0]}'? " if close else ""
    return UnknownRun(f"no {what} '{text}'", hint=f"{hint}`gitexp ls` lists all runs.")


def _latest(store: RunStore, back: int) -> StoredRun:
    found = store.index.runs(store.project, limit=1, skip=back)
    if not found:
        count = len(store.index.names(store.project))
        if not count:
            raise UnknownRun("there is no run yet", hint="Make one with `gitexp run`.")
        have = "is only one run" if count == 1 else f"are only {count} runs"
        raise UnknownRun(f"there {have}", hint="`gitexp ls` lists them.")
    return found[0]


def _is_ref(store: RunStore, text: str) -> bool:
    read = store.repository.objects.commit
    return any(read(f"refs/{kind}/{text}") for kind in ("heads", "tags", "remotes"))


def _whose(run: StoredRun) -> str:
    user = run.record.user if run.problem is None else None
    return f"{run.id}, {user}" if user else run.id


def _only(text: str, found: list[StoredRun]) -> StoredRun:
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{run.name} ({_whose(run)})" for run in found[:_SHOWN])
    more = ", …" if len(found) > _SHOWN else ""
    raise UnknownRun(
        f"'{text}' may be any of {len(found)} runs: {listed}{more}",
        hint="Give the id, or more of the name.",
    )
