"""Runs named one by one, or as a range `A..B` in the order in which they ended."""

from __future__ import annotations

from collections.abc import Iterable

from gitexp.errors import GitexpError
from gitexp.store.index.selection import Selection
from gitexp.store.runs import RunStore
from gitexp.store.selectors import find_run, get_run
from gitexp.store.stored_run import StoredRun

_DOTS = ".."


def runs_of(store: RunStore, texts: Iterable[str]) -> list[StoredRun]:
    """Return the runs that selectors and ranges name, each once; raises UnknownRun.

    Of `A..B`, as in git, those after A, up to and including B; without A, all up to B,
    without B, all after A.
    """
    found: dict[str, StoredRun] = {}
    for text in texts:
        for run in _named(store, text):
            found.setdefault(run.id, run)
    return list(found.values())


def _named(store: RunStore, text: str) -> list[StoredRun]:
    if _DOTS not in text or find_run(store, text) is not None:
        return [get_run(store, text)]
    old, _, new = text.partition(_DOTS)
    if new.startswith("."):
        raise GitexpError(f"'{text}' is not a range of runs", hint="Give it as A..B.")
    everything = store.index.select(Selection(store.project))[::-1]
    start = _place(everything, get_run(store, old)) if old else 0
    end = _place(everything, get_run(store, new)) if new else len(everything)
    if not everything[start:end]:
        raise GitexpError(f"'{text}' has no runs", hint="`gitexp ls` lists the newest first.")
    return everything[start:end]


def _place(runs: list[StoredRun], run: StoredRun) -> int:
    """Return the place after a run."""
    at = next((at for at, one in enumerate(runs) if one.id == run.id), None)
    if at is None:
        raise GitexpError(
            f"run '{run.name}' is removed, so no range begins or ends there",
            hint=f"`gitexp restore {run.name}` brings it back.",
        )
    return at + 1
