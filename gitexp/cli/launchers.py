"""A command that is one process of many, as launchers of distributed trainings start them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from gitexp.errors import GitexpError

RANKS = ("RANK", "LOCAL_RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK")
"""Where torchrun, srun, mpirun and their like say which of many processes this is."""

_SIZES = {
    "RANK": ("WORLD_SIZE",),
    "LOCAL_RANK": ("LOCAL_WORLD_SIZE", "WORLD_SIZE"),
    "SLURM_PROCID": ("SLURM_NTASKS", "SLURM_STEP_NUM_TASKS"),
    "OMPI_COMM_WORLD_RANK": ("OMPI_COMM_WORLD_SIZE",),
    "PMI_RANK": ("PMI_SIZE",),
}
"""Where the same launchers say how many there are."""


def rank_above_zero(environment: Mapping[str, str]) -> str | None:
    """Return the rank that keeps this process from recording, as `NAME=RANK`; None if none does."""
    name = _rank_name(environment)
    return None if name is None else f"{name}={environment[name]}"


def speaks_for_ranks(environment: Mapping[str, str]) -> bool:
    """Return whether this process is the one of many that says who records.

    That is rank 1. So is a rank without a number of ranks: hardly any launcher has set it, and
    whoever did should know why nothing is recorded.
    """
    name = _rank_name(environment)
    if name is None:
        return False
    sizes = _SIZES.get(name, ())
    alone = bool(sizes) and not any(environment.get(size) for size in sizes)
    return alone or _number(environment[name]) == 1


def check_rank(
    environment: Mapping[str, str],
    *,
    sets_params: bool,
    in_copy: bool,
    repeats: bool = False,
) -> None:
    """Raise GitexpError if what was asked for would reach one process of many.

    Rank 0 sets the params while the others read them already, and they run where it does not, once
    where it runs again or not at all.
    """
    asked = {
        "set params": sets_params,
        "run in a copy": in_copy,
        "repeat or skip runs": repeats,
    }
    what = next((words for words, wanted in asked.items() if wanted), None)
    if what is not None:
        raise GitexpError(
            f"one process of many ({rank_above_zero(environment)}) cannot {what} for the others",
            hint="Put gitexp around the launcher, as in `gitexp run -- srun python train.py`.",
        )


def _rank_name(environment: Mapping[str, str]) -> str | None:
    return next((name for name in RANKS if _number(environment.get(name, "")) > 0), None)


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
