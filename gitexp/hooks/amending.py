"""Whether a commit takes the place of the last one, which git says to no hook.

What it leaves behind is the date of the author, which is that of the last commit, and the
words it was called with, for whoever looks at the processes above.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from gitexp.hooks.call import Call

_AMEND = re.compile("--am(?:e|en|end)?")
_NEAR = 4
"""Processes between git and a hook: shells, and the pre-commit framework."""


def amends(call: Call) -> bool:
    """Return whether `git commit --amend` called."""
    date = call.environment.get("GIT_AUTHOR_DATE", "")
    told = call.repository.attempt("log", "-1", "--format=@%ad", "--date=raw").stdout
    return bool(date) and date == told.decode().strip() and _says_amend()


def _says_amend() -> bool:
    import psutil  # noqa: PLC0415 - 10 ms, two commits of one second are rare

    try:
        above = psutil.Process().parents()[:_NEAR]
        return any(_is_amend(one.cmdline()) for one in above)
    except psutil.Error:
        return False


def _is_amend(words: Sequence[str]) -> bool:
    r"""Return whether a command is such a call.

    >>> _is_amend(["/usr/bin/git", "commit", "--amend", "-m", "next"])
    True
    """
    is_git = bool(words) and PurePath(words[0]).name in ("git", "git.exe")
    return is_git and "commit" in words and any(map(_AMEND.fullmatch, words))
