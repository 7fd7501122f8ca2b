"""What helps where a remote fails."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NO_RIGHTS = re.compile(
    r"Permission (to .*)?denied|Authentication failed|could not read Username|"
    r"Host key verification failed"
)
"""What git says to somebody who may not do it."""


def way_out(said: Sequence[str]) -> str | None:
    """Return what may help where a remote failed; None if git's own words are all that is known."""
    text = "\n".join(said)
    if _NO_RIGHTS.search(text):
        return "Check whether `git fetch` works: it needs the same rights."
    if re.search(r"Could not resolve|unable to access|Connection (refused|timed out)", text):
        return "Check the network, and the URL: `git remote -v`."
    if re.search(r"does not appear to be a git repository|not found", text):
        return "Check the URL: `git remote -v`."
    if "not our ref" in text:
        return (
            "A ref of the remote ends at a commit that it does not have: `git fsck` there names "
            "what is damaged."
        )
    return None
