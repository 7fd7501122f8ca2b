"""The shell commands by which git starts the drivers, which never fail if gitexp is gone."""

from __future__ import annotations

import re
import shlex

_START = (
    "import os, sys; sys.path[:] = filter(None, sys.path); "
    "sys.excepthook = lambda *_: os._exit(129); from gitexp.drivers.entry import start; start()"
)
"""Without the current folder, whose modules are the repository's and not ours.

Python exits with 1 if it cannot import, which git would take for a conflict that is marked.
"""


_SPOILT = (
    "spoilt() { c=$(git config --local diff.gitexp.textconv) && "
    'git config --local diff.gitexp.textconv ": $$.$(date +%s); ${c#*; }"; }'
)
"""Gives the command another number: git keeps whatever a `textconv` prints, for as long as its
command in the configuration is the same, and a `textconv` that fails ends the whole diff."""


def diff_command(python: str) -> str:
    """Return git's `textconv`: the lines of a file, or just this once the file as it is.

    Its first word is a number, which says for what git has kept the lines.
    """
    show = 'g diff "$1" 2>/dev/null || { spoilt >/dev/null 2>&1; cat "$1"; }'
    return f": 1; {_SPOILT}; {_driver(python)}; f() {{ {show}; }}; f"


def unnumbered(command: str) -> str:
    """Return a `textconv` without its number.

    >>> unnumbered(diff_command("python")) == unnumbered(f": 7.9; {diff_command('python')[5:]}")
    True
    """
    return re.sub(r"^: [0-9.]+; ", "", command)


def merge_command(python: str, what: str = "merge") -> str:
    """Return git's merge `driver`: by keys, else the merge that git itself would have made."""
    own = 'git merge-file -q --marker-size="$4" -L ours -L base -L theirs "$2" "$1" "$3"'
    merge = f'g {what} "$@"; s=$?; case $s in 0|1) return $s;; esac'
    in_conflict = "s=$?; test $s -lt 128 || s=1; return $s"  # binary: git keeps all three
    return f"{_driver(python)}; f() {{ {merge}; {own}; {in_conflict}; }}; f %O %A %B %L %P %S %X %Y"


def _driver(python: str) -> str:
    """Return a shell function: the interpreter by its path, else `gitexp` from the PATH."""
    path = shlex.quote(python)
    start = f"{path} -c {shlex.quote(_START)}"
    return f'g() {{ if test -x {path}; then {start} "$@"; else gitexp git-driver "$@"; fi; }}'
