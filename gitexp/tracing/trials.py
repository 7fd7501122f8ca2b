"""The runs that say of commits which side they are on: known by now, or made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.run import RunNotRecorded
from gitexp.project import Project
from gitexp.store.stored_run import StoredRun
from gitexp.tracing.beside import run_beside
from gitexp.tracing.command import Chosen
from gitexp.tracing.ends import End, alike_before
from gitexp.tracing.known import Taken, runs_at, taken
from gitexp.tracing.step import Step, make_run, with_other_seed

Tell = Callable[[str], None]

_LATE = 1.0
"""Seconds by which a command may end before its time is up, as clocks have it."""


class Stopped(Exception):
    """Somebody stopped a run, and so the search."""


class Trials:
    """The command, tried on commits; whatever it runs is recorded, and known the next time."""

    def __init__(
        self, project: Project, chosen: Chosen, made_with: Step, metric: str, tell: Tell
    ) -> None:
        self._project, self._chosen, self._made_with = project, chosen, made_with
        self._tell = tell
        self._metric = metric
        """As it was typed: for the message of a run."""
        self._is_said = False
        self._runs: dict[str, list[StoredRun]] = {}

    def known(self, oid: str) -> Sequence[StoredRun]:
        """Return the runs of a commit."""
        if oid not in self._runs:
            found = runs_at(self._project, oid, self._chosen.command)
            self._runs[oid] = [run for run in found if not self._may_do_now(run)]
        return self._runs[oid]

    def _may_do_now(self, run: StoredRun) -> bool:
        """Return whether a run took too long that has more time now."""
        limit = self._made_with.timeout
        is_cut = run.record.status == "interrupted"
        return is_cut and (limit is None or run.record.duration < limit - _LATE)

    def known_of(self, end: End) -> Sequence[StoredRun]:
        """Return the runs of an end, and of the commits before it with the same inputs."""
        alike = alike_before(self._project, end.commit)
        return [run for oid in alike for run in self.known(oid)]

    def taken(self, oids: Sequence[str], metric: str) -> Sequence[Taken]:
        """Run commits, and return what the runs say."""
        wanted = [(oid, self.known(oid)) for oid in oids]
        return [
            Taken(None, None, str(one)) if isinstance(one, GitexpError) else taken(one, metric)
            for one in self._tried(wanted)
        ]

    def made(self, wanted: Sequence[tuple[str, Sequence[StoredRun]]]) -> list[StoredRun]:
        """Run commits; raise what is wrong where one cannot be run."""
        made: list[StoredRun] = []
        for one in self._tried(wanted):
            if isinstance(one, GitexpError):
                raise one
            made.append(one)
        return made

    def _tried(
        self, wanted: Sequence[tuple[str, Sequence[StoredRun]]]
    ) -> list[StoredRun | GitexpError]:
        self.say_command()
        steps = [(oid, self._step(oid, runs)) for oid, runs in wanted]
        found: list[StoredRun | GitexpError] = []
        if len(steps) == 1:
            found.append(self._here(*steps[0]))
            self._project.runs.look_again()
        else:
            with ThreadPoolExecutor(len(steps)) as pool:
                ended = list(pool.map(lambda one: run_beside(self._project, *one), steps))
            self._project.runs.look_again()
            found += [self._recorded(one) for one in ended]
        for (oid, _), run in zip(steps, found, strict=True):
            if isinstance(run, GitexpError):
                continue
            if run.record.status == "interrupted" and run.record.exit.reason != "timeout":
                raise Stopped
            self._runs.setdefault(oid, []).append(run)
        return found

    def _step(self, oid: str, runs: Sequence[StoredRun]) -> Step:
        message = f"bisect {self._metric}: {oid[:10]}"
        step = replace(self._made_with, command=self._chosen.command, message=message)
        return with_other_seed(self._project, oid, step, runs) if runs else step

    def _here(self, oid: str, step: Step) -> StoredRun | GitexpError:
        try:
            return make_run(self._project, oid, step, _nothing)
        except RunNotRecorded:  # nothing else would be, either
            raise
        except GitexpError as error:  # no such program yet, or data that is gone
            return GitexpError(str(error), error.hint)  # without what its traceback holds open

    def _recorded(self, ended: str | GitexpError) -> StoredRun | GitexpError:
        """Return the run that another process has recorded."""
        if isinstance(ended, GitexpError):
            return ended
        return self._project.runs.index.named(ended, self._project.folder)[0]

    def say_command(self) -> None:
        """Say once what is run, if nobody typed it."""
        if not self._is_said:
            self._is_said = True
            self._chosen.say(self._project, self._tell)


def _nothing(_: str) -> None:
    """Pass over notes on the runs: `gitexp show` has what matters."""
