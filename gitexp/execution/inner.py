"""A command that is a part of something larger: another run, or a distributed one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

RANKS = ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK")
"""Where torchrun, srun and mpirun say which of many processes this is."""


def is_inner(environment: Mapping[str, str]) -> bool:
    """Return whether somebody else records: the run around this one, or the process of rank 0."""
    if environment.get("GITEXP_RUN_ID"):
        return True
    return any(environment.get(name, "0") not in ("", "0") for name in RANKS)


def replace_process(argv: Sequence[str], directory: Path) -> NoReturn:
    """Become the command, so that its status and signals are its own."""
    os.chdir(directory)
    os.execvp(argv[0], list(argv))  # noqa: S606 - there is no shell to go through
