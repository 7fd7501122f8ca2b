"""Whether a word on a command line is the name of a sweep."""

from __future__ import annotations

from gitexp.store.covered import covered_sweeps
from gitexp.store.frozen import kept_sweeps
from gitexp.store.index.sweeps import all_sweeps, sweeps_called
from gitexp.store.runs import RunStore


def names_sweep(store: RunStore, text: str) -> bool:
    """Return whether a text is the whole name or id of a sweep, and of no run."""
    if store.tip is not None:
        if store.index.named(text, store.project):
            return False
        found = store.index.answer(lambda asked: sweeps_called(asked, text, store.project))
        if any(text in (one.id, one.name) for one in found):
            return True
    kept = kept_sweeps(store.repository)
    if any(text in (one.id, one.name) for one in kept):
        return True
    return any(text in (one.id, one.name) for one in covered_sweeps(store.repository))


def names_of_sweeps(store: RunStore) -> list[str]:
    """Return the names of all sweeps that have begun."""
    kept = [one.name for one in kept_sweeps(store.repository)]
    kept += [one.name for one in covered_sweeps(store.repository) if one.name is not None]
    if store.tip is None:
        return kept
    found = store.index.answer(lambda asked: all_sweeps(asked, store.project))
    return [*kept, *(one.name for one in found if one.name is not None)]
