"""What a run has logged so far, read as it grows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field

from gitexp.model.values import Value
from gitexp.series.growing import GrowingCurves
from gitexp.series.lines import Line, number_of, restored
from gitexp.series.log_files import LogFile, Records, log_files
from gitexp.series.series import Series, Step


class Logged(Struct, frozen=True):
    """What was logged so far."""

    series: Mapping[str, Series] = {}
    """The curves by key, each as the lowest rank logged it."""
    params: Mapping[str, Value] = {}
    summary: Mapping[str, Value] = {}
    figures: Mapping[str, str] = {}
    """The files of pictures, in the folder of pictures, by what they are called."""
    artifacts: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    """What was logged and is not a number, or came on a line that is none: in words."""
    began: float | None = None
    """When the first value was logged, in seconds since 1970; None if none was."""
    last_step: Step | None = None
    """The last one that the lowest rank logged."""
    ranks: tuple[int, ...] = ()
    """The ranks that logged values."""
    of_ranks: Mapping[int, Mapping[str, Series]] = {}
    """The curves of each rank, if there are several."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was logged at all."""
        return not (self.series or self.params or self.summary or self.figures or self.artifacts)

    @property
    def metrics(self) -> dict[str, Value]:
        """The values that stand for the run: the last of each curve, or what the summary says."""
        return {**{key: one.last for key, one in self.series.items()}, **self.summary}


class _Process(Struct):
    """What one process logged beside values of steps."""

    file: LogFile
    records: Records
    rank: int
    params: dict[str, Value] = field(default_factory=dict)
    summary: dict[str, Value] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, None] = field(default_factory=dict)
    ignored: dict[str, None] = field(default_factory=dict)

    def take(self, line: Line) -> None:
        """Add what a line says that is not of a step."""
        if line.param:
            self.params |= restored(line.param)
        if line.summary:
            self.summary |= restored(line.summary)
        if line.figure is not None and line.file is not None:
            self.figures[line.figure] = line.file
        if line.artifact is not None:
            self.artifacts[line.artifact] = None


def read_logged(folder: Path) -> Logged:
    """Return what was logged into a folder; nothing if there is none."""
    return Reader(folder).read()


class Reader:
    """What is logged into a folder: each call of `read` goes on from the last.

    However it is read, in one go or in many, it says the same.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[str, _Process] = {}
        self._curves = GrowingCurves()

    def read(self) -> Logged:
        """Return all that was logged up to now."""
        for name, rank in log_files(self._folder):
            process = self._processes.get(name)
            if process is None:
                file = LogFile(self._folder / name)
                process = self._processes[name] = _Process(file, Records(file.format), rank)
            for record in process.file.news():
                line = process.records.line(record)
                if line is not None:
                    self._take(line, process, name, rank)
            if process.file.has_passed_over:
                process.ignored["what is longer than 50 MB in one call"] = None
            if process.file.is_too_long:
                process.ignored["what comes after 2 GB of a file"] = None
        return self._logged()

    def _take(self, line: Line, process: _Process, name: str, rank: int) -> None:
        if line.log is None:
            process.take(line)
        elif line.step is not None and number_of(line.step) is None:
            process.ignored["a step of more than 300 digits"] = None
        elif line.step is not None:
            ignored = self._curves.take((line.step, line.time, name), rank, line.log)
            process.ignored |= dict.fromkeys(ignored)

    def _logged(self) -> Logged:
        of_ranks = self._curves.series()
        series: dict[str, Series] = {}
        for some in of_ranks.values():
            series |= {key: one for key, one in some.items() if key not in series}
        ranks = tuple(rank for rank, some in of_ranks.items() if some)
        by_name = [self._processes[name] for name in sorted(self._processes)]
        ordered = sorted(by_name, key=lambda one: -one.rank)  # what comes later counts
        is_cut = any(one.records.is_any_cut for one in ordered)
        ignored = {"a line that is not whole": None} if is_cut else dict[str, None]()
        ignored |= {text: None for one in ordered for text in one.ignored} | self._curves.ignored
        return Logged(
            series=series,
            params={key: value for one in ordered for key, value in one.params.items()},
            summary={key: value for one in ordered for key, value in one.summary.items()},
            figures={key: value for one in ordered for key, value in one.figures.items()},
            artifacts=tuple({path: None for one in ordered for path in one.artifacts}),
            ignored=tuple(ignored),
            began=self._curves.began,
            last_step=self._curves.last_step(ranks[0]) if ranks else None,
            ranks=ranks,
            of_ranks=of_ranks if len(ranks) > 1 else {},
        )
