"""A run as scripts and notebooks see it."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from gitexp.api.hints import hints
from gitexp.comparison.query.run_values import flat_values
from gitexp.model.policy import Policy
from gitexp.model.record import Comment, DataPointer, Documents, RunRecord, Status, parse_time
from gitexp.model.record_json import to_json
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.store.stored_run import StoredRun

if TYPE_CHECKING:
    from gitexp.api.picture import Picture
    from gitexp.plots.chart import Log


class FlatValues(Mapping[str, Value]):
    """Params or metrics under dotted names; it cannot be changed.

    A name that two files have is written as `FILE:name`.

    >>> FlatValues({"metrics.json": {"val": {"loss": 0.5}}})["val.loss"]
    0.5
    """

    __slots__ = ("_flat", "files")

    files: Documents
    """The values nested as they are in the files, by the path of each."""

    def __init__(self, files: Documents) -> None:
        self.files = files
        self._flat = flat_values(files)

    def __getitem__(self, name: str) -> Value:
        """Return the value of that name; raise KeyError if there is none."""
        return self._flat[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, in the order of the files."""
        return iter(self._flat)

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._flat)

    def __repr__(self) -> str:
        """Return it as a dict would be written."""
        return repr(self._flat)


@dataclass(frozen=True)
class Run:
    """One run: what went in, what came out, and when. All fields are read-only."""

    id: str
    """Ten characters, the same in every clone."""
    name: str
    status: Status
    """'done', 'failed' or 'interrupted'."""
    params: FlatValues = field(repr=False)
    metrics: FlatValues
    tags: tuple[str, ...]
    started: datetime
    """In UTC, aware of it."""
    duration: float
    """Seconds from the start of the command to its end."""
    oid: str
    """The run's commit on the experiments branch, in hex."""
    baseline: str = field(repr=False)
    """The commit that HEAD was at, in hex."""
    pointers: tuple[DataPointer, ...] = field(repr=False)
    """Data that was read and models that were written: path, md5, size in bytes."""
    record: RunRecord = field(repr=False, compare=False)
    """Everything else that was recorded: command, environment, exit code, outputs…"""
    place: Path = field(repr=False, compare=False)
    """The folder of the project, to read files of the run from."""

    def __hash__(self) -> int:
        """Return a hash, so that runs can be keys."""
        return hash(self.oid)

    def _repr_html_(self) -> str:
        """Return what `gitexp show` shows of the run by itself, for a notebook."""
        # 20 ms, where a notebook shows a run
        from gitexp.rendering.html import html_of  # noqa: PLC0415 - as above
        from gitexp.rendering.show import show_document  # noqa: PLC0415 - as above

        now = datetime.now(timezone.utc)
        return html_of(show_document(self.oid, self.record, policy=Policy(), now=now))

    @property
    def ended(self) -> datetime:
        """When the command ended, in UTC."""
        return parse_time(self.record.ended)

    @property
    def message(self) -> str:
        """What the run was meant to find out; '' if nobody said."""
        return self.record.message

    @property
    def comments(self) -> tuple[Comment, ...]:
        """What people wrote about the run afterwards, oldest first: `text`, `by` and `time`."""
        return self.record.comments

    def read(self, path: str) -> bytes:
        """Return the content of a file of the run.

        Args:
            path: As seen from the project's folder. A file in git, or one behind a pointer:
                a model, or a file in a folder of data.

        Returns:
            The bytes of the file, whole; what is behind a pointer comes from the DVC cache,
            else from the DVC remote.

        Raises:
            GitexpError: The run has no such file, it is a folder, or its data cannot be had.

        Warns:
            UserWarning: The data was not written by this run, but by an earlier one; this one
                had it as an input.
        """
        return self._read(path)

    def _read(self, path: str) -> bytes:
        from gitexp.handover.contents import read_contents  # noqa: PLC0415 - 60 ms with the three below, not to list runs
        from gitexp.handover.get import RunFiles  # noqa: PLC0415
        from gitexp.handover.get_plan import inputs_of_others, plan_get  # noqa: PLC0415
        from gitexp.pointers.source import ProjectData  # noqa: PLC0415

        out = io.BytesIO()
        with hints(), Project.open(self.place) as project:
            plan = plan_get(project, read_contents(project, self._stored()), path)
            for text in inputs_of_others(project, self.record, plan):
                warnings.warn(f"{self.name}: {text}", stacklevel=3)  # where `read` is called
            with ProjectData(project) as source:
                RunFiles(project, plan, source).stream(out)
        return out.getvalue()

    def open(self, path: str) -> BinaryIO:
        """Return a file of the run as a stream to read from, such as `joblib.load` wants.

        Args:
            path: As in `read`.

        Returns:
            A binary stream at its beginning, in memory.

        Raises:
            GitexpError: As in `read`, which may also warn.
        """
        return io.BytesIO(self._read(path))

    def plot(self, *metrics: str, smooth: float = 0.0, log: Log = "") -> Picture:
        """Draw the run's curves; a notebook shows them.

        Args:
            metrics: The metrics, or the ends of their names; without any, all that have a curve.
            smooth: The weight of a moving average, from 0 (none) to below 1.
            log: Which axes are logarithmic: `'x'`, `'y'` or `'xy'`.

        Returns:
            The picture, which `print` draws as text, and `save` writes to a file.

        Raises:
            GitexpError: The run has no curves, or no such metric.
        """
        from gitexp.api.picture import picture_of  # noqa: PLC0415 - 60 ms, not to list runs

        return picture_of(self.place, [self], metrics, kind="curves", smooth=smooth, log=log)

    def _stored(self) -> StoredRun:
        return StoredRun(self.oid, self.id, self.name, self.record.project, to_json(self.record))


def run_of(place: Path, stored: StoredRun) -> Run:
    """Return a run of the store; raises UnreadableRecord if it needs a newer gitexp."""
    record = stored.own_record()
    return Run(
        id=record.id,
        name=record.name,
        status=record.status,
        params=FlatValues(record.params),
        metrics=FlatValues(record.metrics),
        tags=record.tags,
        started=parse_time(record.started),
        duration=record.duration,
        oid=stored.oid,
        baseline=record.baseline,
        pointers=record.pointers,
        record=record,
        place=place,
    )
