"""What is kept to save time, with a sum that tells whether a disk has changed it since."""

from __future__ import annotations

import zlib


def sealed(content: bytes) -> bytes:
    r"""Return a content with its sum behind it.

    >>> sealed(b"{}")
    b'{}\na3a6bf43\n'
    """
    return b"%s\n%08x\n" % (content, zlib.crc32(content))


def unsealed(content: bytes) -> bytes:
    """Return the content without its sum; raises ValueError if that is another one, or missing."""
    found = content[:-10]
    if sealed(found) != content:
        raise ValueError("it is not what was written")
    return found
