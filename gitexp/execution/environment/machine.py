"""The machine that a command runs on: its processor, its memory, its GPUs.

Frameworks are not asked: importing one takes seconds, and gitexp's Python may not have it.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.record import Machine

if TYPE_CHECKING:
    from types import ModuleType

_MODEL = lazy_pattern(r"^model name\s*:\s*(.+)$", re.MULTILINE)
_KERNEL_MODULE = lazy_pattern(r"Kernel Module.*?\s(\d+(?:\.\d+)+)")
_GPU_MODEL = lazy_pattern(r"^Model:\s*(.+)$", re.MULTILINE)
_STEP = 64 * 2**20
"""Bytes of memory that are counted as one: a kernel keeps a little more or less for itself."""
_DRIVERS = ("/proc/driver/nvidia/version", "/usr/lib/wsl/lib/libnvidia-ml.so.1", "/dev/nvidiactl")


class Gpus(Struct, frozen=True):
    """The GPUs of a machine, and what drives them."""

    names: tuple[str, ...] = ()
    driver: str | None = None
    cuda: str | None = None


def this_machine() -> Machine:
    """Return what this machine is; what it does not tell is None."""
    gpus = _gpus()
    return Machine(
        cpu=_processor(),
        cores=_cores(),
        memory=_memory(),
        gpus=gpus.names,
        driver=gpus.driver,
        cuda=gpus.cuda,
    )


def _processor() -> str | None:
    if found := _MODEL.search(_text(Path("/proc/cpuinfo"))):
        return " ".join(found[1].split())
    if sys.platform == "darwin":
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            words = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
            said = subprocess.run(words, capture_output=True, check=True, timeout=5).stdout
            return said.decode(errors="replace").strip() or None
    return None


def _cores() -> int | None:
    """Return how many cores the command may use: of a container, what it was given."""
    there = os.cpu_count()
    with contextlib.suppress(AttributeError, OSError):  # AttributeError on macOS
        there = len(os.sched_getaffinity(0))
    quota, _, period = _text(Path("/sys/fs/cgroup/cpu.max")).strip().partition(" ")
    if there and quota.isdecimal() and period.isdecimal():
        return min(there, max(1, math.ceil(int(quota) / int(period))))
    return there


def _memory() -> int | None:
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None
    limit = _text(Path("/sys/fs/cgroup/memory.max")).strip()
    usable = min(total, int(limit)) if limit.isdecimal() else total
    return max(1, round(usable / _STEP)) * _STEP


def has_driver() -> bool:
    """Return whether there is a driver of NVIDIA's."""
    return any(os.path.exists(path) for path in _DRIVERS)  # noqa: PTH110 - three questions, each run


def _gpus() -> Gpus:
    if not has_driver():
        return Gpus()
    try:
        import pynvml  # noqa: PLC0415 - 20 ms, where there is a driver
    except ImportError:
        return gpus_in_proc(Path("/proc/driver/nvidia"))
    return gpus_by_library(pynvml)


def gpus_by_library(pynvml: ModuleType) -> Gpus:
    """Ask NVIDIA's own management library, which the driver brings."""
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return gpus_in_proc(Path("/proc/driver/nvidia"))
    try:
        cuda = pynvml.nvmlSystemGetCudaDriverVersion_v2()
        names = (
            pynvml.nvmlDeviceGetName(pynvml.nvmlDeviceGetHandleByIndex(at))
            for at in range(pynvml.nvmlDeviceGetCount())
        )
        return Gpus(
            tuple(map(_decoded, names)),
            _decoded(pynvml.nvmlSystemGetDriverVersion()),
            f"{cuda // 1000}.{cuda % 1000 // 10}",
        )
    except pynvml.NVMLError:
        return gpus_in_proc(Path("/proc/driver/nvidia"))
    finally:
        pynvml.nvmlShutdown()


def gpus_in_proc(folder: Path) -> Gpus:
    """Read what the driver says of itself; which CUDA it can do is not part of that."""
    driver = _KERNEL_MODULE.search(_text(folder / "version"))
    return Gpus(tuple(_named_in(folder)), driver[1] if driver else None)


def _named_in(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("gpus/*/information")):
        if found := _GPU_MODEL.search(_text(file)):
            yield found[1].strip()


def _decoded(text: str | bytes) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
