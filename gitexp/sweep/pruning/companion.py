"""What goes along with a run that may be pruned, from before its command starts to its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gitexp.execution.command.child import Child
from gitexp.execution.stages import Started
from gitexp.sweep.pruning.channel import Channel
from gitexp.sweep.pruning.watcher import Watcher
from gitexp.sweep.sampling.pruners import Judge
from gitexp.sweep.sampling.sampler import Result
from gitexp.sweep.sweep import Pruning

Tell = Callable[[str], None]

_MOST_NAMED = 6


class Pruned:
    """A run whose reports are read, kept and judged by the results that its point may know."""

    def __init__(
        self, started: Started, pruning: Pruning, results: Sequence[Result], tell: Tell
    ) -> None:
        path = started.reports
        assert path is not None  # as it was asked for
        self._name, self._tell = started.plan.name, tell
        self._place = pruning.file or "$GITEXP_PROGRESS"
        self._file = pruning.file or "the file that GITEXP_PROGRESS names"
        self._child: Child | None = None
        self._metric, self._step = pruning.metric, pruning.step
        self._is_first = not any(one.steps for one in results)
        self._channel = Channel(path, pruning.metric, pruning.step)
        judge = Judge(pruning, results)
        self._watcher = Watcher(
            self._channel,
            judge.stops,
            self._stop,
            started.steps,
            tell_silence=self._tell_silence,
        )

    def begin(self, child: Child) -> None:
        """Watch a command that has just started."""
        self._child = child
        self._watcher.begin()

    def end(self) -> None:
        """Read what the command wrote last."""
        self._watcher.end()
        if self._watcher.failure is not None:
            self._tell(f"warning: '{self._name}' could not be judged: {self._watcher.failure}")

    @property
    def unheard(self) -> str | None:
        """Return what is to be said if nothing was reported, in this run and those before it."""
        if not self._is_first or self._watcher.steps.values:
            return None
        names = [name for name in self._channel.passed_over if name][:_MOST_NAMED]
        there = ", ".join(f"`{name}`" for name in names)
        what = f"'{self._metric}'" + (f" with '{self._step}'" if self._step is not None else "")
        if there:
            what += f", but {there},"
        elif not self._channel.exists:
            what = "anything"
        return f"note: no run has written {what} to {self._place}: none is cut off"

    def _stop(self) -> None:
        if self._child is not None:
            self._child.prune()

    def _tell_silence(self) -> None:
        self._tell(f"note: '{self._name}' has written no report to {self._file} so far")
