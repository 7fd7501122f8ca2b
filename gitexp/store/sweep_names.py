"""Whether a word on a command line is the name of a sweep."""

from __future__ import annotations

from gitexp.store.frozen import kept_sweeps
from gitexp.store.index.sweeps import sweeps_called
from gitexp.store.runs import RunStore


def names_sweep(store: RunStore, text: str) -> bool:
    """Return whether a text is the whole name or id of a sweep, and of no run."""
    if store.tip is not None:
        if store.index.named(text, store.project):
            return False
        found = store.index.answer(lambda asked: sweeps_called(asked, text, store.project))
        if any(text in (one.id, one.name) for one in found):
            return True
    return any(text in (one.id, one.name) for one in kept_sweeps(store.repository))
