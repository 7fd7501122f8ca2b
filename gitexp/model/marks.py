"""The variables by which the processes of a run are known as such."""

from __future__ import annotations

from collections.abc import Mapping

LOG_DIR = "GITEXP_LOG_DIR"
"""Names the folder that a command, and all that it starts, logs to; see `gitexp.series.lines`."""
LOGGED_FOLDER = "logged"
"""That folder, in the scratch folder of a run."""
LOGGED_ENDING = ".msgpack"
"""Of the names of the files in it that `gitexp.log` writes."""
LINES_ENDING = ".jsonl"
"""Of those that programs in other languages write, and older versions of gitexp."""
LOGGED_END = b"\xc4\x09" + b"\xc1" * 9
"""The last element of each record there: nine bytes that MessagePack never has in a row.

A number has eight after its type, and no text has this byte.
"""
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


def marks_in(environment: bytes) -> set[str]:
    r"""Return the runs that a process belongs to, by its environment as the system has it.

    >>> sorted(marks_in(b"A=1\0GITEXP_RUN_ID=b\0GITEXP_OUTER_RUN_IDS=a c\0"))
    ['a', 'b', 'c']
    >>> marks_in(b"NOTE=GITEXP_RUN_ID=b\0GITEXP_RUN_ID=\0")
    set()
    """
    if _RUN_ID_BYTES not in environment:
        return set()
    variables = (one.partition(b"=") for one in environment.split(b"\0"))
    values = [value for name, _, value in variables if name in (_RUN_ID_BYTES, _OUTER_BYTES)]
    return {one.decode("ascii", "replace") for value in values for one in value.split()}


_RUN_ID_BYTES, _OUTER_BYTES = RUN_ID.encode(), OUTER_RUN_IDS.encode()
