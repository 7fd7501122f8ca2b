"""Secrets in the names of what was logged."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from gitexp.execution.record.masked_names import with_masked_names
from gitexp.series.logged import Logged
from gitexp.series.series import Series

# Put together here so that no token stands in the repository.
TOKENS = ["ghp" + "_" + one * 9 for one in ("a1B2", "c3D4")]


def test_curves_whose_names_are_masked_alike_are_both_kept() -> None:
    plan = SimpleNamespace(request=SimpleNamespace(allow_secrets=False))
    started: Any = SimpleNamespace(plan=plan, tell=lambda _: None)
    series = {key: Series(key, [0], [float(at)]) for at, key in enumerate(TOKENS)}

    found = with_masked_names(started, Logged(series=series)).series

    assert {key: one.values for key, one in found.items()} == {"***": [0], "****": [1]}
    assert [one.key for one in found.values()] == [*found]
