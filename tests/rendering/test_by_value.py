"""What `gitexp ls --group-by` shows."""

from __future__ import annotations

from gitexp.model.policy import Policy
from gitexp.rendering.by_value import ValueGroup, by_value_document
from gitexp.rendering.ls import Shown


def test_what_is_asked_of_a_curve_is_its_heading_as_it_is() -> None:
    names = ["max(val/acc)", "train.lr"]

    [table] = by_value_document(
        [ValueGroup((0.4, 0.1), 1, 0, {})], names, policy=Policy(), shown=Shown()
    ).tables()

    assert [one.head for one in table.columns] == ["max(val/acc)", "lr", "n"]
