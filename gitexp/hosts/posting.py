"""One comment for each project, written anew at every push, and the status of the commit."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from gitexp.hosts.host import Comment, Host, HostFailed, HostRefused, NotThere, State

Tell = Callable[[str], None]
_ATTEMPTS = 3


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
    """Where the comment is; None where the token may not write one."""
    status: bool
    """Whether the status was set."""


def post(host: Host, message: Message, tell: Tell) -> Posted:
    """Write the comment and set the status; what the token may not do is told."""
    comment: str | None = None
    try:
        comment = _upsert(host, message)
    except (HostRefused, NotThere) as refused:
        tell(f"note: the comment was not written: {refused}")
    status = False
    try:
        host.set_status(message.context, message.state, message.summary)
        status = True
    except (HostRefused, NotThere) as refused:
        tell(f"note: the status was not set: {refused}")
    return Posted(comment, status)


def _upsert(host: Host, message: Message) -> str:
    """Write the comment; after a failure, look first whether it is there after all."""
    own = host.own_account()
    for attempt in range(_ATTEMPTS):
        try:
            return _written(host, own, message)
        except (HostRefused, NotThere):
            raise
        except HostFailed:
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError  # the last attempt returns or raises


def _written(host: Host, own: str, message: Message) -> str:
    found = _find(host, own, message.watermark)
    if found is not None:
        try:
            return host.update(found, message.body)
        except NotThere:  # somebody deleted it a moment ago
            pass
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
