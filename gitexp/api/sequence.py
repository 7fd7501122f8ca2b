"""Several runs, as a sequence and as a data frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, overload

from msgspec.structs import replace

from gitexp.api.run import Run
from gitexp.api.uniform import uniform
from gitexp.comparison.changes import ABSENT
from gitexp.errors import GitexpError
from gitexp.model.policy import Policy
from gitexp.rendering.formats import FORMATS
from gitexp.rendering.html import html_of
from gitexp.rendering.ls import ls_document

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from gitexp.api.picture import Picture
    from gitexp.gallery.wanted import Kind
    from gitexp.plots.chart import Log

_SHOWN = 20


class Runs(Sequence[Run]):
    """Runs in an order; a slice of it is `Runs` again."""

    def __init__(self, runs: Iterable[Run], policy: Policy | None = None) -> None:
        self._runs = tuple(runs)
        self._policy = policy or Policy()

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> Runs: ...
    def __getitem__(self, index: int | slice) -> Run | Runs:
        """Return one run, or a part of them."""
        if isinstance(index, slice):
            return Runs(self._runs[index], self._policy)
        return self._runs[index]

    def __len__(self) -> int:
        """Return how many runs there are."""
        return len(self._runs)

    def __eq__(self, other: object) -> bool:
        """Return whether these are the same runs in the same order."""
        return isinstance(other, Runs) and self._runs == other._runs

    def __hash__(self) -> int:
        """Return a hash of the runs."""
        return hash(self._runs)

    def __repr__(self) -> str:
        """Return the table of `gitexp ls`, for notebooks; of many runs the first twenty."""

        shown = [(run.oid, run.record) for run in self._runs[:_SHOWN]]
        document = ls_document(shown, policy=self._policy, now=datetime.now(timezone.utc))
        more = len(self._runs) - len(shown)
        return FORMATS["text"](document).rstrip("\n") + (f"\n… and {more:,} more" if more else "")

    def plot(
        self,
        *metrics: str,
        x: str | None = None,
        kind: Kind | None = None,
        group: bool = False,
        smooth: float = 0.0,
        log: Log = "",
    ) -> Picture:
        """Draw the runs over one another; a notebook shows them.

        Args:
            metrics: The metrics, or the ends of their names.
            x: A param, metric or attribute that they are drawn against.
            kind: As `gitexp plot --kind`; without it, curves, or a scatter if there is an `x`.
            group: Whether repeats are one curve: their mean, with a band.
            smooth: The weight of a moving average, from 0 (none) to below 1.
            log: Which axes are logarithmic: `'x'`, `'y'` or `'xy'`.

        Returns:
            The picture, which `print` draws as text, and `save` writes to a file.

        Raises:
            GitexpError: There are no runs, or none of them has what is asked for.
        """
        if not self._runs:
            raise GitexpError("there are no runs to draw", hint="`gitexp ls` lists all runs.")
        from gitexp.api.picture import picture_of  # noqa: PLC0415 - 60 ms, not to list runs

        chosen = kind or ("curves" if x is None else "scatter")
        return picture_of(
            self._runs[0].place,
            self._runs,
            metrics,
            kind=chosen,
            x=x,
            group=group,
            smooth=smooth,
            log=log,
        )

    def _repr_html_(self) -> str:
        """Return the same table for a notebook."""
        shown = [(run.oid, run.record) for run in self._runs[:_SHOWN]]
        document = ls_document(shown, policy=self._policy, now=datetime.now(timezone.utc))
        more = len(self._runs) - len(shown)
        notes = (f"… and {more:,} more",) if more else document.notes
        return html_of(replace(document, notes=notes))

    def to_pandas(self) -> pd.DataFrame:
        """Return the runs as a pandas data frame, a row for each, in this order.

        Returns:
            A frame with the columns that `gitexp ls --csv` has: `oid`, `id`, `name`,
            `status`, `started`, `ended` (both UTC), `duration` (seconds), `command`,
            `message`, `metrics.…`, `params.…` and the rest of the record, the index being
            0…n-1. What a run does not have is NaN or None.

        Raises:
            GitexpError: pandas is not installed.
        """
        try:
            import pandas as pd  # noqa: PLC0415 - 300 ms, extra 'pandas'
        except ImportError as error:
            raise _missing("pandas") from error
        frame = pd.DataFrame(self._columns())
        for name in ("started", "ended"):
            frame[name] = pd.to_datetime(frame[name], utc=True)
        return frame

    def to_polars(self) -> pl.DataFrame:
        """Return the runs as a polars data frame, a row for each, in this order.

        Returns:
            A frame with the columns of `to_pandas`. If a column holds values of several
            kinds, lists or mappings, they are JSON text; what a run does not have is null.

        Raises:
            GitexpError: polars is not installed.
        """
        try:
            import polars as pl  # noqa: PLC0415 - 150 ms, extra 'polars'
        except ImportError as error:
            raise _missing("polars") from error
        columns = {name: uniform(values) for name, values in self._columns().items()}
        frame = pl.DataFrame(columns, infer_schema_length=None)
        as_time = pl.col("started", "ended").cast(pl.String).str.to_datetime(time_zone="UTC")
        return frame.with_columns(as_time)

    def _columns(self) -> dict[str, list[object]]:
        document = ls_document(
            [(run.oid, run.record) for run in self._runs],
            policy=self._policy,
            now=datetime.now(timezone.utc),
        )
        flat = document.flat()
        rows = list(flat.rows)
        return {
            name: [None if (value := row[at]) is ABSENT else value for row in rows]
            for at, name in enumerate(flat.columns)
        }


def _missing(package: str) -> GitexpError:
    return GitexpError(
        f"{package} is not installed", hint=f"Install it with `pip install {package}`."
    )
