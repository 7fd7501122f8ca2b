"""The last values of a run of W&B's, read from the end on and one after the other alike."""

from __future__ import annotations

import contextlib
import random

from gitexp.metrics.wandb_summary import last_values, summary_of, update
from gitexp.model.values import Value

from tests.metrics.tracker_stores import field

NAMES = (
    ["a"],
    ["b"],
    ["a", "x"],
    ["a", "x", "y"],
    ["b", "x"],
    ["n" * 130],
    ["a", "n" * 130],
    ["d/e"],
)
TEXTS = ("1", "0.5", '{"x": 2}', '{"x": {"y": 1}}', "null", '"t"', "[" + "0, " * 90 + "0]")


def item(chance: random.Random) -> bytes:
    names = chance.choice(NAMES)
    first = [field(1, names[0])] if chance.random() < 0.5 else [field(2, names[0])]
    parts = [*first, *(field(2, name) for name in names[1:])]
    kind = chance.random()
    if kind < 0.15:
        return field(2, b"".join(parts))  # removed
    parts.append(field(16, chance.choice(TEXTS)))
    if kind < 0.2:
        parts.reverse()
    return field(1, b"".join(parts)) if kind < 0.95 else field(3, "other")


def message(chance: random.Random) -> bytes:
    items = b"".join(item(chance) for _ in range(chance.randrange(5)))
    step = field(2, b"\x08" + bytes([chance.randrange(1, 127)])) if chance.random() < 0.5 else b""
    whole = items + step
    return whole[: -chance.randrange(1, 4)] if whole and chance.random() < 0.1 else whole


def one_by_one(messages: list[bytes]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for one in messages:
        with contextlib.suppress(ValueError):
            update(values, one)
    return values


def without_empty(values: Value) -> Value:
    """Leave out names that only hold what was removed: they are no metrics."""
    if not isinstance(values, dict):
        return values
    inner = {name: without_empty(one) for name, one in values.items()}
    return {name: one for name, one in inner.items() if one != {}}


def test_what_is_passed_over_changes_nothing() -> None:
    chance = random.Random(14)
    for _ in range(400):
        messages = [message(chance) for _ in range(chance.randrange(12))]

        found = last_values(messages)

        assert without_empty(found) == without_empty(one_by_one(messages)), messages


def test_what_wandb_was_told_to_keep_is_there_beside_the_last_value() -> None:
    def setting(name: str, text: str) -> bytes:
        return field(1, field(2, name) + field(16, text))

    one, other = setting("m", '{"min": 1}'), setting("n", "1")
    steps = [setting("m", "1"), other, setting("m", "2")]

    assert summary_of([one, *steps], [one]) == {"m": 2, "m.min": 1, "n": 1}
    assert summary_of([*steps, one], [one]) == {"m": {"min": 1}, "n": 1}
    assert summary_of([other, *steps], [other]) == {"m": 2, "n": 1}
