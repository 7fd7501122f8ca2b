"""What goes with `--engine` is said before a cluster is asked for anything."""

from __future__ import annotations

import pytest

from gitexp.cli.sweep_engine import engine_jobs
from gitexp.errors import GitexpError


@pytest.mark.parametrize(
    ("option", "value", "script"),
    [
        ("--gpus", {"gpus": "2"}, None),
        ("--slot", {"slots": ("GPU=0",)}, None),
        ("-C", {"copied": ("data",)}, None),
        ("--follow", {"follow": 0}, None),
        ("--agent", {"is_agent": True}, None),
        ("--script", {}, "slurm"),
    ],
)
def test_options_about_this_host_are_refused(
    option: str, value: dict[str, object], script: str | None
) -> None:
    with pytest.raises(GitexpError, match=f"`{option}` ") as refused:
        engine_jobs({"engine": "dask:nowhere", "jobs": None, **value}, script)

    assert refused.value.hint
