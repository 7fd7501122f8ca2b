"""What is said where git cannot read what it ought to have: files of it are damaged."""

from __future__ import annotations

import re

from gitexp.errors import GitexpError

OBJECTS_HINT = (
    "`git fsck --full` names what is damaged. If another clone or a remote has it, copy its "
    "`.git/objects` into yours; nothing that is sound is replaced."
)
_INDEX_HINT = (
    "git's index is damaged. `rm .git/index && git reset` makes it anew; no file of yours changes."
)
_OF_INDEX = (
    r"index file (?:smaller|corrupt)|index file open failed|bad (?:index file )?signature"
    r"|unknown index entry|unordered stage|malformed (?:path|name)|bad index version|index uses "
    r"|cache entry has null"
)
_OF_OBJECTS = (
    r"(?i)corrupt|index v\d file size|traverse parents|inflate|is empty|bad (?:object|tree|pack)"
    r"|unable to (?:read|unpack|parse)"
    r"|not a (?:tree|valid) object|missing (?:blob|tree|commit|object)|too small|non-monotonic"
    r"|(?:does not|doesn't) match|unknown object|could not (?:read|parse)|loose object|parse commit"
    r"|revision walk setup failed|object [0-9a-f]{40,64}|packfile"
)


class Damaged(GitexpError):
    """Git cannot read an object or a ref that is there."""


def hint_for(stderr: str) -> str | None:
    """Return what mends what git complains of; None if that is another matter.

    Git that fails without a word was asked to list what is there.

    >>> hint_for("fatal: bad object d0f8") == OBJECTS_HINT, hint_for("fatal: no such remote")
    (True, None)
    """
    if re.search(_OF_INDEX, stderr):
        return _INDEX_HINT
    return OBJECTS_HINT if not stderr or re.search(_OF_OBJECTS, stderr) else None
