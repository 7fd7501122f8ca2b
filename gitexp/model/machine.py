"""A machine in words: what `show` says of it, and what `diff` compares."""

from __future__ import annotations

from collections import Counter

from gitexp.model.numbers import counted, size_text
from gitexp.model.record import Machine, RunRecord


def machine_parts(record: RunRecord) -> dict[str, str] | None:
    """Return what a run ran on by name, None if it was not recorded."""
    machine = record.machine
    if machine is None:
        return None
    parts = {
        "platform": record.platform,
        "cpu": machine.cpu,
        "cores": None if machine.cores is None else str(machine.cores),
        "memory": None if machine.memory is None else size_text(machine.memory),
        "gpu": gpus_text(machine),
        "driver": machine.driver,
        "cuda": machine.cuda,
    }
    return {**{name: text for name, text in parts.items() if text}, **machine.variables}


def gpus_text(machine: Machine) -> str:
    """Return the names of the GPUs, those of a kind together.

    >>> gpus_text(Machine(gpus=("NVIDIA A100", "NVIDIA A100", "NVIDIA T4")))
    '2 x NVIDIA A100, NVIDIA T4'
    """
    times = Counter(machine.gpus)
    return ", ".join(name if times[name] == 1 else f"{times[name]} x {name}" for name in times)


def machine_text(machine: Machine) -> str:
    """Return a machine in a line.

    >>> machine_text(Machine("EPYC 7B13", 2, 2**31, ("NVIDIA T4",), "550.54", "12.4"))
    'EPYC 7B13, 2 cores, 2.1 GB of memory, NVIDIA T4 (driver 550.54, CUDA 12.4)'
    """
    parts = [machine.cpu or ""]
    if machine.cores is not None:
        parts.append(counted(machine.cores, "core"))
    if machine.memory is not None:
        parts.append(f"{size_text(machine.memory)} of memory")
    driven = (("driver", machine.driver), ("CUDA", machine.cuda))
    drives = ", ".join(f"{name} {version}" for name, version in driven if version)
    gpus = gpus_text(machine)
    parts.append(f"{gpus} ({drives})" if gpus and drives else gpus)
    return ", ".join(filter(None, parts))
