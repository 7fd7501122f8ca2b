"""The intermediate values of a run, as `.gitexp/progress.jsonl` keeps them."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from gitexp.model.values import dumps, loads
from gitexp.sweep.pruning.rows import number_of

MOST_STEPS = 20_000
"""How many steps of a run are kept; later ones decide nothing."""


class Steps(Struct, frozen=True):
    """What a run reported, up to where it was cut off."""

    values: Mapping[int, float] = field(default_factory=dict)
    """By step, in the order of the reports; the first one of a step counts."""
    cut: bool = False
    """Whether the pruner would go no further."""


def line_of(step: int, value: float, *, cut: bool) -> str:
    r"""Return a line of the file.

    >>> line_of(3, 0.41, cut=False), line_of(4, float("nan"), cut=True)
    ('{"step":3,"value":0.41}\n', '{"step":4,"value":{"$float":"nan"},"cut":true}\n')
    """
    return dumps({"step": step, "value": value, **({"cut": True} if cut else {})}) + "\n"


def read_steps(content: bytes) -> Steps:
    r"""Return what such a file says; lines that are none are passed over.

    >>> read_steps(b'{"step":0,"value":0.5}\n{"step":1,"value":0.4,"cut":true}\n{"step":2')
    Steps(values={0: 0.5, 1: 0.4}, cut=True)
    """
    values: dict[int, float] = {}
    for line in content.splitlines()[:MOST_STEPS]:
        try:
            row = loads(line)
        except ValueError:
            continue
        if not isinstance(row, dict):
            continue
        step, value = row.get("step"), number_of(row.get("value"))
        if isinstance(step, int) and value is not None:
            values.setdefault(step, value)
            if row.get("cut") is True:
                return Steps(values, cut=True)
    return Steps(values)
