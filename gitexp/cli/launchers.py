"""A command that is a part of something larger: another run, or a distributed one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from gitexp.errors import GitexpError

RANKS = ("RANK", "LOCAL_RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK")
"""Where torchrun, srun, mpirun and their like say which of many processes this is."""

ARRAYS = (
    *("SLURM_ARRAY_TASK_ID", "PBS_ARRAY_INDEX", "PBS_ARRAYID", "SGE_TASK_ID", "LSB_JOBINDEX"),
    "AWS_BATCH_JOB_ARRAY_INDEX",
)
"""Where schedulers say which of many equal jobs this is."""

_NO_TASK = {"SGE_TASK_ID": "undefined", "LSB_JOBINDEX": "0"}
"""What some of them say in a job that is not one of many."""


def is_inner(environment: Mapping[str, str]) -> bool:
    """Return whether somebody else records: the run around this one, or the process of rank 0."""
    return bool(environment.get("GITEXP_RUN_ID")) or _rank(environment) is not None


def check_inner(environment: Mapping[str, str], *, sets_params: bool, in_copy: bool) -> None:
    """Raise GitexpError if what was asked for would reach one process of many.

    Rank 0 sets the params while the others read them already, and they run where it does not.
    """
    if not environment.get("GITEXP_RUN_ID") and (sets_params or in_copy):
        what = "set params" if sets_params else "run in a copy"
        raise GitexpError(
            f"one process of many ({_rank(environment)}) cannot {what} for the others",
            hint="Put gitexp around the launcher, as in `gitexp run -- srun python train.py`.",
        )


def _rank(environment: Mapping[str, str]) -> str | None:
    """Return the rank above zero that this process has, as `NAME=RANK`."""
    for name in RANKS:
        if _number(environment.get(name, "")) > 0:
            return f"{name}={environment[name]}"
    return None


def array_task(environment: Mapping[str, str]) -> str | None:
    """Return which of a scheduler's array tasks this is, as `NAME=INDEX`; None if not one."""
    for name in ARRAYS:
        index = environment.get(name, "")
        if index not in ("", _NO_TASK.get(name)):
            return f"{name}={index}"
    return None


def _number(text: str) -> int:
    """Return a rank as a number; -1, as some launchers have it, if there are no ranks."""
    try:
        return int(text)
    except ValueError:
        return -1


def replace_process(argv: Sequence[str], directory: Path) -> NoReturn:
    """Become the command, so that its status and signals are its own."""
    os.chdir(directory)
    os.execvp(argv[0], list(argv))  # noqa: S606 - there is no shell to go through
