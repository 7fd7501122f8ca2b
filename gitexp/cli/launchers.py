"""A command that is one process of many, as launchers of distributed trainings start them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from gitexp.errors import GitexpError
from gitexp.model.ranks import rank_above_zero


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


def replace_process(argv: Sequence[str], directory: Path) -> NoReturn:
    """Become the command, so that its status and signals are its own."""
    os.chdir(directory)
    os.execvp(argv[0], list(argv))  # noqa: S606 - there is no shell to go through
