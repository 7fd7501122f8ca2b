"""The variables by which the processes of a run are known as such."""

from __future__ import annotations

from collections.abc import Mapping

RUN_ID = "GITEXP_RUN_ID"
"""The run that a process belongs to."""
OUTER_RUN_IDS = "GITEXP_OUTER_RUN_IDS"
"""The runs around that one, from the outermost: those of other repositories and projects."""


def runs_around(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ids of the runs that a process is said to be inside, from the outermost.

    >>> runs_around({"GITEXP_RUN_ID": "b", "GITEXP_OUTER_RUN_IDS": "a"})
    ('a', 'b')
    >>> runs_around({"GITEXP_OUTER_RUN_IDS": "a"})
    ()
    """
    innermost = environment.get(RUN_ID)
    if not innermost:
        return ()
    return tuple(dict.fromkeys((*environment.get(OUTER_RUN_IDS, "").split(), innermost)))


def marks_of(run_id: str, around: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the variables of a run's processes."""
    outer = " ".join(one for one in around if one != run_id)
    return {RUN_ID: run_id, **({OUTER_RUN_IDS: outer} if outer else {})}


def is_marked(environment: bytes, run_id: str) -> bool:
    r"""Return whether an environment, as the system has it, is that of a process of a run.

    >>> is_marked(b"A=1\0GITEXP_RUN_ID=b\0GITEXP_OUTER_RUN_IDS=a c\0", "c")
    True
    >>> is_marked(b"GITEXP_RUN_ID=bc\0NOTE=c\0", "c")
    False
    """
    wanted = run_id.encode()
    if wanted not in environment:
        return False
    variables = (one.partition(b"=") for one in environment.split(b"\0"))
    names = (RUN_ID.encode(), OUTER_RUN_IDS.encode())
    return any(name in names and wanted in value.split() for name, _, value in variables)
