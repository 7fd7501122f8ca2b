"""What is said where git cannot read what it ought to have: files of it are damaged."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from gitexp.errors import GitexpError

OBJECTS_HINT = (
    "`git fsck --full` names what is damaged. If another clone or a remote has it, copy its "
    "`.git/objects` into yours; nothing that is sound is replaced."
)
_LOCK_HINT = "If no git is at work here, `rm` the file that is named."
_OF_LOCK = r"Unable to create '.*\.lock': File exists"
_OF_INDEX = (
    r"index file (?:smaller|corrupt)|index file open failed|bad (?:index file )?signature"
    r"|unknown index entry|unordered stage|malformed (?:path|name)|bad index version|index uses "
    r"|cache entry has null"
)
_OF_OBJECTS = (
    r"(?i)corrupt|inflate|index v\d file size|index file \S+ is too small|non-monotonic index"
    r"|object file \S+ is empty|bad (?:object|tree|pack)|traverse parents|not a tree object"
    r"|(?:unable to|could not|cannot) (?:read|unpack|parse) (?:[0-9a-f]{7}|tree|object|commit|blob)"
    r"|missing (?:blob|tree|commit|object)|(?:hash|sha1|oid) mismatch|unknown object type"
    r"|loose object|object [0-9a-f]{40,64}|end of packfile|truncated pack|revision walk setup"
)


class Damaged(GitexpError):
    """Git cannot read an object or a ref that is there."""


def hint_for(stderr: str, index: Path = Path(".git", "index")) -> str | None:
    """Return what mends what git complains of; None if that is another matter.

    Git that fails without a word was asked to list what is there. `index` is the one that it used.

    >>> hint_for("fatal: bad object d0f8") == OBJECTS_HINT, hint_for("fatal: no such remote")
    (True, None)
    """
    if re.search(_OF_LOCK, stderr):
        return _LOCK_HINT
    if re.search(_OF_INDEX, stderr):
        return _hint_for_index(index)
    return OBJECTS_HINT if not stderr or re.search(_OF_OBJECTS, stderr) else None


def _hint_for_index(index: Path) -> str:
    place = shlex.quote(str(index))
    if index.name == "index":  # of this work tree, or of a linked one
        mends = f"git's index is damaged. `rm {place} && git reset` makes it anew"
    else:
        mends = f"the index '{index}' is damaged. `rm {place}` has git make it anew"
    return f"{mends}; no file of yours changes."
