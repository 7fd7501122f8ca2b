"""One comment for each project, rewritten at every push, and the status of the commit."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

from gitexp.hosts.host import Comment, Host, HostFailed, HostRefused, NotThere, State

Tell = Callable[[str], None]
T = TypeVar("T")
_ATTEMPTS = 3
_PAUSE = 2.0
"""Seconds before the first repetition of what failed."""


class Message(Struct, frozen=True):
    """What is to be posted."""

    watermark: str
    """The first line of the comment, by which it is found again."""
    body: str
    context: str
    """The name of the status."""
    state: State
    summary: str
    """The status in words."""


class Posted(Struct, frozen=True):
    """What came of it."""

    comment: str | None
    """Where the comment is; None if there is none."""
    status: bool
    """Whether the status was set."""


def post(host: Host, message: Message, tell: Tell, *, has_comments: bool = True) -> Posted:
    """Write the comment, where there are comments, and set the status; report what fails.

    The answer is not the host's: whoever asked for it gets it anyway.
    """

    def comment() -> str:
        return _upsert(host, message)

    def status() -> bool:
        host.set_status(message.context, message.state, message.summary)
        return True

    return Posted(
        _told("the comment was not written", comment, tell) if has_comments else None,
        _told("the status was not set", status, tell) or False,
    )


def _told(failing: str, act: Callable[[], T], tell: Tell) -> T | None:
    try:
        return _tried(act)
    except (HostRefused, NotThere) as refused:
        tell(f"note: {failing}: {refused}")
    except HostFailed as failed:
        tell(f"warning: {failing}: {failed}")
        if failed.hint:
            tell(f"hint: {failed.hint}")
    return None


def _tried(act: Callable[[], T]) -> T:
    """Act again after a failure of the host: it must do no harm to act twice."""
    for attempt in range(_ATTEMPTS - 1):
        try:
            return act()
        except (HostRefused, NotThere):
            raise
        except HostFailed:
            time.sleep(_PAUSE * 2**attempt)
    return act()


def _upsert(host: Host, message: Message) -> str:
    """Write the comment, over the one that is there: a failed attempt may have left it."""
    found = _find(host, host.own_account(), message.watermark)
    if found is not None:
        with contextlib.suppress(NotThere):  # somebody deleted it a moment ago
            return host.update(found, message.body)
    return host.create(message.body)


def _find(host: Host, own: str, watermark: str) -> Comment | None:
    """Return the account's own first comment with the watermark: others' are not ours to write."""
    return next(
        (
            one
            for one in host.comments()
            if one.author == own and one.body.partition("\n")[0].rstrip() == watermark
        ),
        None,
    )
