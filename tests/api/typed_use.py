"""What a stranger's program does with the public API: mypy checks it, `test_reading.py` runs it."""

from datetime import datetime
from typing import BinaryIO

from typing_extensions import assert_type

import gitexp


def use() -> gitexp.Run:
    """Read runs in all ways that there are, and return the one with the highest rate."""
    found = assert_type(gitexp.runs("rate > 0", sort_by="rate", sort_order="desc"), gitexp.Runs)
    assert_type(found[:2], gitexp.Runs)
    assert_type([run.name for run in found], list[str])
    first = assert_type(found[0], gitexp.Run)

    run = assert_type(gitexp.get("latest", path="."), gitexp.Run)
    assert_type(run.metrics, gitexp.FlatValues)
    assert_type(run.tags, tuple[str, ...])
    assert_type(run.started, datetime)
    assert_type(run.duration, float)
    assert_type([pointer.md5 for pointer in run.pointers], list[str])
    assert_type(run.read("params.yaml"), bytes)
    assert_type(run.open("params.yaml"), BinaryIO)

    assert_type(gitexp.best("accuracy", where="status = 'done'", goal="max"), gitexp.Run)
    diff = assert_type(gitexp.diff("slow", "fast"), gitexp.Diff)
    assert_type([change.old is gitexp.ABSENT for change in diff.params], list[bool])
    try:
        gitexp.get("nobody")
    except gitexp.GitexpError as error:
        assert_type(error.hint, str | None)
    return first
