"""What the user wants to follow a run, by git's configuration.

Nothing that a commit holds may ask for it: it sends data away, and starts commands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

from msgspec import Struct

from gitexp.git.repository import Repository
from gitexp.store.own import own_folder
from gitexp.store.push_wish import AFTER_RUN, PUSH, push_wish

NOTIFY, NOTIFY_ON = "gitexp.notify", "gitexp.notifyon"
Event = Literal["end", "fail", "best"]
EVENTS: tuple[Event, ...] = get_args(Event)

_SET_HERE = f"`git config {PUSH} {AFTER_RUN}`"

Tell = Callable[[str], None]


class Wishes(Struct, frozen=True):
    """What is to follow a run."""

    push: bool = False
    notify: str | None = None
    """An address or a command."""
    events: frozenset[Event] = frozenset(EVENTS)
    """Of what it is told."""

    @property
    def is_none(self) -> bool:
        """Whether nothing is to follow."""
        return not self.push and self.notify is None


def read_wishes(repository: Repository, tell: Tell) -> Wishes:
    """Return what is to follow a run here; say what is set and does not count."""
    config = repository.config
    return Wishes(
        _wants_push(repository, tell),
        config.get(NOTIFY, "").strip() or None,
        _events(config.get(NOTIFY_ON, ""), tell),
    )


def _wants_push(repository: Repository, tell: Tell) -> bool:
    """Return whether this clone is to be pushed; say why it is not, where somebody meant it."""
    wish = push_wish(repository)
    if wish.is_off:
        return False
    if wish.value != AFTER_RUN:
        tell(f"note: '{wish.value}' is nothing that {PUSH} can be: {_SET_HERE}, or never")
    elif not wish.is_here:
        _tell_once(repository, tell)
    return wish.counts


def _tell_once(repository: Repository, tell: Tell) -> None:
    place = own_folder(repository).made().afterwards
    place.mkdir(exist_ok=True)
    marker = place / "told-global"
    if not marker.exists():
        marker.touch()
        tell(f"note: {PUSH} counts only where it is set for this clone: {_SET_HERE}")


def _events(text: str, tell: Tell) -> frozenset[Event]:
    """Return the events that a list names; all where it names none.

    >>> sorted(_events("fail, best", print)), sorted(_events("", print))
    (['best', 'fail'], ['best', 'end', 'fail'])
    >>> sorted(_events("fail start", print))
    note: 'start' is nothing that gitexp.notifyOn knows: end, fail, best
    ['fail']
    """
    words = text.replace(",", " ").lower().split()
    for word in words:
        if word not in EVENTS:
            known = ", ".join(EVENTS)
            tell(f"note: '{word}' is nothing that gitexp.notifyOn knows: {known}")
    return frozenset(one for one in EVENTS if one in words or not words)
