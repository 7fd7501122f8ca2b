"""YAML as trackers write it."""

from __future__ import annotations

import pytest

from gitexp.errors import GitexpError
from gitexp.metrics.old_yaml import parse_old_yaml


def test_a_text_without_quotes_that_is_a_number_today_stays_a_text() -> None:
    assert parse_old_yaml(b"name: 1e-3\nsteps: 3\n", "meta.yaml") == {"name": "1e-3", "steps": 3}


@pytest.mark.parametrize(
    "value",
    ["!!int ''", "!!float ''", "!!bool x", "!!timestamp y", "2026-02-30", "!!x 1", "["],
)
def test_a_value_that_cannot_be_read_names_its_file(value: str) -> None:
    with pytest.raises(GitexpError, match=r"'meta\.yaml' is not whole, or not YAML"):
        parse_old_yaml(f"run_id: r1\nrun_name: {value}\n".encode(), "meta.yaml")
