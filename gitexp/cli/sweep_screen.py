"""What is seen of a sweep while it runs: a screen on a terminal, else a line for each run."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

import click

from gitexp.cli.options import tell, wants_colour
from gitexp.model.text import harmless_lines
from gitexp.project import Project
from gitexp.rendering.sweep_progress import headline, screen, settled_line, title_of
from gitexp.store.journal import Journal
from gitexp.store.own import own_folder
from gitexp.sweep.known import Settled
from gitexp.sweep.point import Spot
from gitexp.sweep.progress import Progress
from gitexp.sweep.watching import Watch

_DRAW_EVERY = 0.5
"""Seconds between two pictures: each costs some 5 ms, and a look at what runs have logged."""
_CHUNK = 1 << 16


class Seen(NamedTuple):
    """What shows a sweep, and what is said meanwhile."""

    show: Watch
    tell: Callable[[str], None]


@contextlib.contextmanager
def watched(project: Project, follow: int | None) -> Iterator[Seen]:
    """Give what shows how far a sweep has come."""
    if follow is not None:
        yield Seen(_Lines(_Followed(project, follow)), tell)
    elif sys.stderr.isatty():
        with _live(project) as seen:
            yield seen
    else:
        yield Seen(_Lines(), tell)


class _Lines:
    """A line for each run, when it is settled; and the output of one, if it is followed."""

    def __init__(self, followed: _Followed | None = None) -> None:
        self._said: set[str] | None = None
        self._followed = followed

    def __call__(self, progress: Progress) -> None:
        settled = progress.settled
        if self._said is None:  # what was there before is no news
            self._said = {one.run_id for one in settled}
            if self._said:
                tell(f"{title_of(progress.sweep)}: {headline(progress)}")
        news = [one for one in settled if one.run_id not in self._said]
        for number, one in enumerate(sorted(news, key=lambda one: one.ended), 1):
            done = len(settled) - len(news) + number
            tell(settled_line(progress.sweep, one, done, progress.runs))
        self._said.update(one.run_id for one in news)
        if self._followed is not None:
            self._followed.show(progress)


class _Followed:
    """The output of one point's run, as it is written."""

    def __init__(self, project: Project, number: int) -> None:
        self._project = project
        self._number = number
        self._run_id: str | None = None
        self._position = 0

    def show(self, progress: Progress) -> None:
        """Print what has been written since the last time."""
        run_id = self._found(progress)
        if run_id is None:
            return
        if run_id != self._run_id:
            self._run_id, self._position = run_id, 0
        with contextlib.suppress(OSError), self._log(run_id).open("rb") as log:
            log.seek(self._position)
            while content := log.read(_CHUNK):
                self._position += len(content)
                text = harmless_lines(content.decode("utf-8", "replace"))
                click.echo(text, nl=False, err=True)

    def _found(self, progress: Progress) -> str | None:
        spots = [Spot(self._number, repeat + 1) for repeat in range(progress.sweep.repeats)]
        for spot in spots:
            if spot in progress.known.under_way:
                return progress.known.under_way[spot].run_id
        settled: list[Settled] = [
            progress.known.settled[spot] for spot in spots if spot in progress.known.settled
        ]
        return settled[-1].run_id if settled else None

    def _log(self, run_id: str) -> Path:
        kept = own_folder(self._project.repository).log(run_id)
        return (
            kept
            if kept.exists()
            else Journal(self._project.repository).scratch(run_id) / "output.log"
        )


@contextlib.contextmanager
def _live(project: Project) -> Iterator[Seen]:
    """Give what draws the screen again and again, in place, and says things above it."""
    from rich.console import Console  # noqa: PLC0415 - 30 ms with those below, on a terminal
    from rich.live import Live  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from gitexp.rendering.formats.text import render  # noqa: PLC0415 - 2 ms, as above
    from gitexp.store.running import runs_under_way  # noqa: PLC0415 - 2 ms, as above

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    drawn = 0.0

    def show(progress: Progress) -> None:
        nonlocal drawn
        if time.monotonic() - drawn < _DRAW_EVERY and not progress.is_done:
            return
        drawn = time.monotonic()
        width, height = console.size
        logged = {one.id: one for one in runs_under_way(project.repository, project.folder)}
        document = screen(progress, datetime.now(timezone.utc), height, logged)
        text = render(document, width=width, colour=wants_colour(sys.stderr))
        live.update(Text.from_ansi(text.rstrip("\n")), refresh=True)

    def say(text: str) -> None:
        console.print(Text(harmless_lines(text)), soft_wrap=True)

    with Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False) as live:
        yield Seen(show, say)
