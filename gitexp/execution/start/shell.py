"""How a line of shell is started, so that signals reach the program in it."""

from __future__ import annotations

import re
import shutil

_ONE_PROGRAM = re.compile(
    r"(?:[A-Za-z_]\w*=[\w@%+:,./-]*[ \t]+)*"
    r"(?P<program>[\w./+-]+)"
    r"(?:[ \t][^;&|()<>`\n]*)?",
    re.ASCII,
)
"""Variables for one program, its name, and words that start no other one."""

_OF_THE_SHELL = frozenset(
    ". [ alias bg bind break builtin case cd command continue declare do done echo elif else esac"
    " eval exec exit export false fc fg fi for function getopts hash if jobs kill let local printf"
    " pwd read readonly return select set shift source test then time times trap true type typeset"
    " ulimit umask unalias unset until wait while".split()
)
"""Words that a shell takes for its own, though some of them are programs as well."""

_UNMOVED = "trap : USR1 USR2; "


def shell_argv(line: str) -> tuple[str, ...]:
    """Return how a line of shell is started.

    A signal to a job is for all of its processes, and a shell would die of one that its program
    takes for a message, such as Slurm's USR1: the run would end, and the program go on unseen.
    So a line that is one program becomes that program, as some shells do it by themselves, and
    of any other the shell lives on.

    >>> shell_argv("python train.py --lr $LR; date")[2]
    'trap : USR1 USR2; python train.py --lr $LR; date'
    """
    found = _ONE_PROGRAM.fullmatch(line.strip())
    if found is None or found["program"] in _OF_THE_SHELL or not shutil.which(found["program"]):
        return ("/bin/sh", "-c", _UNMOVED + line)
    at = found.start("program")
    return ("/bin/sh", "-c", f"{found.string[:at]}exec {found.string[at:]}")
