"""What `dvc.yaml` files name: params, metrics, plots and the outs of stages, as a value."""

from __future__ import annotations

import posixpath
import re

from msgspec import Struct

from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.paths import TopPath

PIPELINE_NAME = "dvc.yaml"
LOCK_NAME = "dvc.lock"

_READABLE = lazy_pattern(r"\.(ya?ml|json|toml|py)", re.IGNORECASE)


class Pipeline(Struct, frozen=True):
    """What one or several `dvc.yaml` name."""

    params: tuple[TopPath, ...] = ()
    """Params files that values can be read from, and the files of `vars`."""
    unread_params: tuple[TopPath, ...] = ()
    """Params files of a kind that values are not read from."""
    metrics: frozenset[TopPath] = frozenset()
    plots: frozenset[TopPath] = frozenset()
    outs: frozenset[TopPath] = frozenset()
    """What the stages write, including metrics and plots: files and folders."""
    cached: frozenset[TopPath] = frozenset()
    """Those outs that DVC keeps; the others are git's."""
    is_whole: bool = True
    """Whether nothing was left out for lack of DVC to resolve it."""

    def __or__(self, other: Pipeline) -> Pipeline:
        """Return what both say."""
        return Pipeline(
            params=tuple(dict.fromkeys((*self.params, *other.params))),
            unread_params=tuple(dict.fromkeys((*self.unread_params, *other.unread_params))),
            metrics=self.metrics | other.metrics,
            plots=self.plots | other.plots,
            outs=self.outs | other.outs,
            cached=self.cached | other.cached,
            is_whole=self.is_whole and other.is_whole,
        )

    def out_of(self, path: str) -> TopPath | None:
        """Return the out of a stage that a path is, or lies in.

        >>> Pipeline(outs=frozenset({TopPath("data/clean")})).out_of("data/clean/a.csv")
        'data/clean'
        """
        return _around(path, self.outs)

    def has_metrics_in(self, path: str) -> bool:
        """Return whether a path is a metrics file, or one in a folder of them.

        >>> Pipeline(metrics=frozenset({TopPath("m")})).has_metrics_in("m/a.json")
        True
        """
        around = _around(path, self.metrics)
        return around is not None and (around == path or is_readable(path))

    def has_plots_in(self, path: str) -> bool:
        """Return whether a path is a plot, or lies in a folder of them."""
        return _around(path, self.plots) is not None

    def cached_out_of(self, path: str) -> TopPath | None:
        """Return the out that DVC keeps and that a path is, or lies in."""
        return _around(path, self.cached)


def _around(path: str, places: frozenset[TopPath]) -> TopPath | None:
    parts = path.split("/")
    above = (TopPath("/".join(parts[:depth])) for depth in range(len(parts), 0, -1))
    return next((place for place in above if place in places), None)


def is_readable(path: str) -> bool:
    """Return whether values can be read from a file, by its name."""
    return bool(_READABLE.fullmatch(posixpath.splitext(path)[1]))


def lock_of(path: str) -> str:
    """Return the `dvc.lock` beside a `dvc.yaml`.

    >>> lock_of("sub/dvc.yaml")
    'sub/dvc.lock'
    """
    return f"{path.removesuffix(PIPELINE_NAME)}{LOCK_NAME}"
