"""What was said of models, read from the repository's annotated tags by one `git for-each-ref`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from gitexp.git.repository import Repository
from gitexp.registry.grammar import TagName, parse_tag

_FORM = "%00".join(
    "%(refname:strip=2) %(tag) %(type) %(object) %(taggername) %(taggeremail)"
    " %(taggerdate:unix) %(contents:size) %(contents)".split()
)
_FIELDS = 8
"""Those before the message, which may hold anything and is as long as the last of them says."""
_LAST = 253_402_300_799
"""The last second of the year 9999, after which nothing has a date."""
_SIGNATURE = re.compile(r"^-----BEGIN (PGP|SSH|SIGNED) ", re.MULTILINE)


class TagEvent(Struct, frozen=True):
    """One annotated tag in GTO's grammar."""

    what: TagName
    tag: str
    commit: str
    time: int
    """Seconds since 1970: the order of events is that of the taggers' clocks, as for GTO."""
    by: str
    """Name and email address, as git writes them."""
    message: str
    """Without the signature."""


def read_events(repository: Repository) -> list[TagEvent]:
    """Return all events of all models, in the order of their tags' names.

    Lightweight tags count for nothing, as for GTO; nor does a tag that was renamed, so that its
    object says something else than its ref.
    """
    return list(_events(repository.git("for-each-ref", f"--format={_FORM}", "refs/tags")))


def _events(listed: bytes) -> Iterator[TagEvent]:
    at = 0
    while at < len(listed):
        fields = []
        for _ in range(_FIELDS):
            end = listed.index(b"\0", at)
            fields.append(_text(listed[at:end]))
            at = end + 1
        ref, name, kind, commit, person, email, time, size = fields
        content = listed[at : at + int(size or 0)]
        at += len(content) + 1  # git ends it with a newline
        what = parse_tag(ref) if name == ref and kind == "commit" else None
        if what is not None and time:
            by = f"{person} {email}".strip()
            moment = min(int(time), _LAST)
            yield TagEvent(what, ref, commit, moment, by, _unsigned(_text(content)))


def _text(content: bytes) -> str:
    return content.decode(errors="replace")


def is_signed(content: str) -> bool:
    """Return whether a tag carries a signature, whoever made it."""
    return _SIGNATURE.search(content) is not None


def _unsigned(message: str) -> str:
    found = _SIGNATURE.search(message)
    return (message[: found.start()] if found else message).strip()
