"""What a run used of its machine, in words and units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitexp.model.numbers import number_text, size_text
from gitexp.model.system import CPU, MEMORY, READ, WRITTEN, Usage, in_order
from gitexp.rendering.table import Column, Table

_COLUMNS = (Column("what"), Column("mean"), Column("peak"))
_CORES = "{} cores"
_WORDS = {MEMORY: "{} of memory", READ: "{}/s read", WRITTEN: "{}/s written"}
_NAMES = {CPU: "processor", MEMORY: "memory", READ: "read", WRITTEN: "written"}


def usage_texts(means: Mapping[str, float]) -> Iterator[str]:
    """Yield what is used, in words.

    >>> list(usage_texts({"cpu": 1.9, "memory": 2_100_000_000, "gpu.0": 0.5, "read": 0}))
    ['1.9 cores', '2.1 GB of memory', 'GPU 0 at 50 %']
    """
    for name in in_order(means):
        if means[name] or name in (CPU, MEMORY):
            yield from _text(name, means[name])


def _text(name: str, value: float) -> Iterator[str]:
    gpu = _gpu(name)
    if name == CPU:
        yield _CORES.format(number_text(value, 2))
    elif name in _WORDS:
        yield _WORDS[name].format(size_text(round(value)))
    elif gpu is not None:
        at, is_memory = gpu
        text = _amount(name, value)
        yield f"{text} on GPU {at}" if is_memory else f"GPU {at} at {text}"


def system_table(system: Mapping[str, Usage]) -> Table:
    """Return what a run used, on average and at most."""
    rows = [
        (_name(name), _amount(name, system[name].mean), _amount(name, system[name].peak))
        for name in in_order(system)
        if system[name].peak
    ]
    return Table(_COLUMNS, rows, "System", header=True)


def _name(name: str) -> str:
    gpu = _gpu(name)
    if gpu is None:
        return _NAMES.get(name, name)
    return f"GPU {gpu[0]}, memory" if gpu[1] else f"GPU {gpu[0]}"


def _amount(name: str, value: float) -> str:
    """Return how much it is, in the unit of that.

    >>> [_amount(name, 0.5) for name in ("cpu", "gpu.0", "what")]
    ['0.5 cores', '50 %', '0.5']
    """
    gpu = _gpu(name)
    if name == CPU:
        return _CORES.format(number_text(value, 3))
    if name == MEMORY or (gpu is not None and gpu[1]):
        return size_text(round(value))
    if name in (READ, WRITTEN):
        return f"{size_text(round(value))}/s"
    return number_text(value) if gpu is None else f"{value * 100:.0f} %"


def _gpu(name: str) -> tuple[str, bool] | None:
    """Return which GPU a figure is of, and whether it is of its memory."""
    kind, _, rest = name.partition(".")
    at, _, what = rest.partition(".")
    return (at, what == MEMORY) if kind == "gpu" and at.isdecimal() else None
