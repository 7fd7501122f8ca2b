"""How busy GPUs are, by NVIDIA's own management library where there is a driver."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from types import ModuleType
from typing import Any

from msgspec import Struct

from gitexp.execution.environment.machine import has_driver

VISIBLE = "CUDA_VISIBLE_DEVICES"


class Gpu(Struct, frozen=True):
    """One GPU at one moment."""

    index: int
    busy: float
    """Which part of the time it was, from 0 to 1, by all that use it."""
    memory: int
    """Bytes that the command holds there; of all that use it if that is not known."""


class Gpus:
    """The GPUs of a machine, while a command runs."""

    def __init__(self, pynvml: ModuleType, visible: str | None) -> None:
        """Take the library, which is initialised, and what `CUDA_VISIBLE_DEVICES` says."""
        self._nvml = pynvml
        self._visible = visible
        count = pynvml.nvmlDeviceGetCount()
        self._devices = [pynvml.nvmlDeviceGetHandleByIndex(at) for at in range(count)]

    def look(self, pids: Collection[int]) -> list[Gpu]:
        """Return the GPUs on which processes are.

        In a container the driver may know them by other numbers: then those that the command may
        use are returned.
        """
        try:
            used = list(self._used(pids))
            return [self._gpu(at, memory) for at, memory in used or self._may_be_used()]
        except self._nvml.NVMLError:
            return []

    def _used(self, pids: Collection[int]) -> Iterator[tuple[int, int | None]]:
        for at, device in enumerate(self._devices):
            running = self._nvml.nvmlDeviceGetComputeRunningProcesses(device)
            ours = [one.usedGpuMemory for one in running if one.pid in pids]
            if ours:
                yield at, sum(ours) if None not in ours else None

    def _may_be_used(self) -> Iterator[tuple[int, int | None]]:
        words = [word.strip() for word in (self._visible or "").split(",") if word.strip()]
        chosen = {int(word) for word in words if word.isdecimal()}
        everything = self._visible is None or (bool(words) and not chosen)  # named by their UUIDs
        for at in range(len(self._devices)):
            if everything or at in chosen:
                yield at, None

    def _gpu(self, at: int, memory: int | None) -> Gpu:
        device: Any = self._devices[at]
        if memory is None:
            memory = self._nvml.nvmlDeviceGetMemoryInfo(device).used
        busy = self._nvml.nvmlDeviceGetUtilizationRates(device).gpu / 100
        return Gpu(at, busy, int(memory))


def open_gpus() -> Gpus | None:
    """Return the GPUs of this machine, if there are some that can be asked."""
    if not has_driver():
        return None
    try:
        import pynvml  # noqa: PLC0415 - 20 ms, where there is a driver
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        return Gpus(pynvml, os.environ.get(VISIBLE))
    except pynvml.NVMLError:
        return None
