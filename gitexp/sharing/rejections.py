"""Why a remote does not take runs, as far as its words say, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gitexp.errors import GitexpError

_ELSEWHERE = (
    "Let the runs go to a branch that the rule does not cover: `remote_branch: NAME` in "
    "gitexp.yaml, or take the rule off the branch."
)
_FORCED = (
    "Only a forced push takes what was purged off the remote: allow one to this branch, and "
    "push again."
)
_RULES = (
    (
        r"non-fast-forward|force[- ]push",
        "not taking forced pushes",
        _FORCED,
    ),
    (
        r"checked out branch|branch is currently checked out",
        "not changing a branch that is checked out there",
        "Push to a bare repository, or check out another branch in that one.",
    ),
    (r"linear history|merge commits?", "a linear history", _ELSEWHERE),
    (
        r"\b(un)?signed\b|\bsignatures?\b|\bgpg\b",
        "signed commits",
        f"{_ELSEWHERE} Joins of two clones' runs are never signed.",
    ),
    (
        r"secret|push protection",
        "no secrets in what is pushed",
        "Nothing was sent. `gitexp purge --path PATH` takes a file out of all runs.",
    ),
    (
        r"file size|large files?|too large|exceeds",
        "a limit to the size of files",
        "Put large files behind pointers: `max_file_size` and `track` in gitexp.yaml.",
    ),
    (
        r"commit[ _]message|does not match|\b(author|committer|e-?mail)\b",
        "a form of commit messages or authors",
        _ELSEWHERE,
    ),
    (r"branch name|naming|create .*branch", "a form of branch names", _ELSEWHERE),
    (
        r"protected|GH006|GH013|not allowed to push|rule violations",
        "a protected branch",
        _ELSEWHERE,
    ),
    (r"hook declined|hook", "a hook of its own", _ELSEWHERE),
)
"""A pattern for the remote's words, the rule, the way out; the first that fits counts."""


def why_rejected(remote: str, said: Sequence[str]) -> GitexpError:
    """Return the error for a push that was refused: the likely rule, and the remote's words."""
    text = "\n".join(said)
    found = ((rule, way) for words, rule, way in _RULES if re.search(words, text, re.IGNORECASE))
    rule, way = next(found, (None, _ELSEWHERE))
    likely = f", probably by its rule of {rule}" if rule else ""
    quoted = "".join(f"\n  {line}" for line in said if line != "remote:")
    return GitexpError(f"'{remote}' rejects the runs{likely}; it says:{quoted}", hint=way)
