"""Which of many processes of one training this is, as launchers of distributed trainings say it."""

from __future__ import annotations

from collections.abc import Mapping

RANKS = ("RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID", "LOCAL_RANK")
"""Where torchrun, mpirun, srun and their like say it, the most telling first."""

_SIZES = {
    "RANK": ("WORLD_SIZE",),
    "LOCAL_RANK": ("LOCAL_WORLD_SIZE", "WORLD_SIZE"),
    "SLURM_PROCID": ("SLURM_NTASKS", "SLURM_STEP_NUM_TASKS"),
    "OMPI_COMM_WORLD_RANK": ("OMPI_COMM_WORLD_SIZE",),
    "PMI_RANK": ("PMI_SIZE",),
}
"""Where the same launchers say how many there are."""

_TORCHRUN = "TORCHELASTIC_RUN_ID"
"""What torchrun, and accelerate by it, gives to each process that it starts."""


def rank_of(environment: Mapping[str, str]) -> int:
    """Return which of many processes this is; 0 if it is the only one.

    One launcher inside of another's only process counts: any rank above 0 is one of many.
    What torchrun says of more than one process counts alone: where `srun` starts a torchrun on each
    machine, rank 0 may be on any of them.

    >>> rank_of({"SLURM_PROCID": "0", "LOCAL_RANK": "1"}), rank_of({"RANK": "-1"})
    (1, 0)
    >>> torchrun = {"TORCHELASTIC_RUN_ID": "7", "RANK": "0", "SLURM_PROCID": "1"}
    >>> rank_of({**torchrun, "WORLD_SIZE": "8"}), rank_of({**torchrun, "WORLD_SIZE": "1"})
    (0, 1)
    """
    name = _rank_name(environment)
    return _number(environment[name]) if name is not None else 0


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


def _rank_name(environment: Mapping[str, str]) -> str | None:
    by_torchrun = _TORCHRUN in environment and _number(environment.get("WORLD_SIZE", "")) > 1
    names = ("RANK",) if by_torchrun and environment.get("RANK") else RANKS
    return next((name for name in names if _number(environment.get(name, "")) > 0), None)


def _number(text: str) -> int:
    """Return a rank as a number; -1, as some launchers have it, if there are no ranks."""
    try:
        return int(text)
    except ValueError:
        return -1
