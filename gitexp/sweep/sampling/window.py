"""What a point may know: results up to a fixed distance before it, or those it was told of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gitexp.model.sweep_point import numbers_in
from gitexp.sweep.sampling.sampler import Result
from gitexp.sweep.sweep import Sweep


def default_window(jobs: int) -> int:
    """Return the window for so many agents: all of them busy, and one result late.

    >>> default_window(1), default_window(4)
    (0, 6)
    """
    return 2 * (jobs - 1)


def must_be_known(sweep: Sweep, number: int) -> range:
    """Return the points whose results a point needs before it can be chosen, or pruned.

    >>> from gitexp.sweep.space import Space
    >>> sweep = Sweep(command=(), space=Space(), inputs="", sampler="tpe", window=2)
    >>> must_be_known(sweep, 2), must_be_known(sweep, 5)
    (range(0, 0), range(0, 3))
    """
    if not sweep.looks_back:
        return range(0)
    return range(max(0, number - sweep.window))


def known_before(sweep: Sweep, number: int, results: Sequence[Result]) -> Iterable[int]:
    """Return the points whose results were known when a point was chosen, in their order.

    The last point of all is chosen by what `results` tell.
    """
    if number >= len(results):  # the last one, or nothing is told of any
        return [result.number for result in results if result.told != "pending"]
    known = results[number].known
    if known is None:
        return must_be_known(sweep, number)
    return sorted(numbers_in(known, number))
