"""One call of `gitexp sweep`: what it is to do, and when it is to end; its agents are told."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import datetime, timezone

from msgspec import MsgspecError, Struct, convert, field, to_builtins

from gitexp.errors import GitexpError
from gitexp.model.numbers import counted
from gitexp.model.record import time_text
from gitexp.sweep.known import Known, Settled
from gitexp.sweep.options import SweepOptions

VARIABLE = "GITEXP_SWEEP_CALL"
"""Has the call, for the agents that it starts."""
PARENT = "GITEXP_SWEEP_PARENT"
"""Names a pipe that is closed when whoever has started an agent is gone."""

_FIRST = 3
"""Where nothing has ever come of so many points, nothing is going to."""


def _now() -> str:
    return time_text(datetime.now(timezone.utc))


class Call(Struct, frozen=True):
    """What all agents of one call have in common."""

    options: SweepOptions
    since: str = field(default_factory=_now)
    """When it began, RFC 3339: what ended before is not of this call."""
    deadline: float | None = None
    """When it ends, in seconds since 1970."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What is set for the commands of one agent."""
    threads: int | None = None
    """How many numerical threads that gives them."""
    slot: str | None = None
    """What tells the place of one agent from the others."""
    engine: str | None = None
    """What has started the agent, if it is on a host that does not see the repository."""
    covers: bool = False
    """Whether agents look for runs that cover points: the plan could not."""

    @classmethod
    def begun(cls, options: SweepOptions, *, covers: bool = False) -> Call:
        """Return a call that begins now."""
        limit = options.max_time
        deadline = time.time() + limit if limit is not None else None
        return cls(options, deadline=deadline, covers=covers)

    def counts(self, settled: Settled) -> bool:
        """Return whether a run settles its spot, or is to be made again in this call."""
        again = self.options.again
        if again is None or settled.ended >= self.since:
            return True
        return again == "failed" and settled.has_result

    def why_over(self, known: Known) -> str | None:
        """Return why no run is started any more, although there are points left."""
        if self.deadline is not None and time.time() >= self.deadline:
            return "the time is up"
        return self.too_many_failures(known)

    def too_many_failures(self, known: Known) -> str | None:
        """Return how many points have failed if that is more than this call bears."""
        failed, most = self._failed(known), self.options.max_failures
        if most is not None:
            return f"{counted(failed, 'run')} failed" if failed >= most else None
        if failed >= _FIRST and not any(one.status == "done" for one in known.settled.values()):
            return f"the first {failed} runs all failed"
        return None

    def _failed(self, known: Known) -> int:
        """Return how many points have failed in this call."""
        ended = (one for one in known.settled.values() if one.ended >= self.since)
        wanted = ("pruned", "stopped")
        return sum(one.status != "done" and one.reason not in wanted for one in ended)

    def to_text(self) -> str:
        """Return the call as text, for the environment of an agent."""
        return json.dumps(to_builtins(self))

    @classmethod
    def from_text(cls, text: str) -> Call:
        """Read what another process of gitexp wrote."""
        try:
            return convert(json.loads(text), cls)
        except (ValueError, MsgspecError) as error:
            raise GitexpError(f"{VARIABLE} is not a call of a sweep: {error}") from error
