"""How the tests of rendering make the runs that they show."""

from __future__ import annotations

from typing import Protocol

from gitexp.model.record import RunRecord


class MakeRun(Protocol):
    """Make a run that ended well: `run("name", hours_ago=3, seconds=5, **fields)`."""

    def __call__(
        self,
        name: str = "brave-otter-7f",
        *,
        hours_ago: float = 3,
        seconds: float = 5,
        **fields: object,
    ) -> RunRecord: ...
