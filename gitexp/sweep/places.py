"""How many agents there are, and what tells their places apart: GPUs, or what else is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from gitexp.errors import GitexpError
from gitexp.sweep.local import cores

_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
_GPU = re.compile(r"[0-9]+|(?:GPU|MIG)-[\w/-]+")
"""As `CUDA_VISIBLE_DEVICES` knows them: by number, or by the beginning of a UUID."""


def slots_of(gpus: str | None, slots: Sequence[str]) -> tuple[str, ...]:
    """Return the variables of each place, as 'VAR=VALUE …'; empty if all places are alike."""
    if gpus is not None and slots:
        raise GitexpError("`--gpus` and `--slot` both say what tells agents apart", "Use one.")
    if gpus is not None:
        return tuple(f"CUDA_VISIBLE_DEVICES={gpu}" for gpu in _gpus(gpus))
    for slot in slots:
        if not slot.split() or not all(map(_ASSIGNED.fullmatch, slot.split())):
            raise GitexpError(
                f"'{slot}' sets no variables", "Write `--slot 'CUDA_VISIBLE_DEVICES=0'`, say."
            )
    return tuple(slots)


def _gpus(text: str) -> list[str]:
    if text == "auto":
        from gitexp.execution.environment.machine import this_machine  # noqa: PLC0415 - 2 ms, for `auto` alone

        count = len(this_machine().gpus)
        if not count:
            raise GitexpError(
                "no GPU is to be seen",
                "`pip install nvidia-ml-py` brings what asks NVIDIA's driver; or name them, as "
                "`--gpus 0,1`.",
            )
        return [str(at) for at in range(count)]
    found = [one.strip() for one in text.split(",")]
    if not all(map(_GPU.fullmatch, found)) or len(set(found)) < len(found):
        raise GitexpError(f"'{text}' names no GPUs, or one twice", "Write `--gpus 0,1`.")
    return found


def jobs_of(jobs: int | Literal["auto"] | None, slots: Sequence[str], default: int | str) -> int:
    """Return how many agents are asked for: as many as there are slots unless something is said.

    `default` is that of the settings.
    """
    if jobs is None and slots:
        return len(slots)
    chosen = default if jobs is None else jobs
    if chosen == "auto":
        return len(slots) or cores()
    found = int(chosen)
    if slots and found > len(slots):
        raise GitexpError(
            f"{found} agents, and {len(slots)} places for them",
            "Leave out `-j`: there is an agent for each place.",
        )
    return found
