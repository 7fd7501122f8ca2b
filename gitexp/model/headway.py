"""How far a run has come, and how long the rest takes, where it is known when it ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from gitexp.model.values import Values, flatten

EPOCH = "epoch"
"""The value that says in which epoch a run is, if it logs one."""
_STEPS = frozenset(
    "total total_steps max_steps num_steps n_steps steps train_steps num_train_steps"
    " max_train_steps max_iters max_iterations num_iterations n_iterations iterations".split()
)
_MOST = 1e15
"""More steps than anybody waits for."""
_EPOCHS = frozenset(
    "total_epochs max_epochs num_epochs n_epochs epochs train_epochs num_train_epochs".split()
)
"""What params are called that say when a training ends, by the last part of their names."""


class Ends(Struct, frozen=True):
    """When a run ends; None where its params do not say, or do not agree."""

    steps: float | None = None
    epochs: float | None = None
    steps_by: str = ""
    """The param that the steps are guessed from; nothing if the run says them itself."""
    epochs_by: str = ""


class Moment(Struct, frozen=True):
    """A step that was logged, and when."""

    step: float
    time: float
    """Seconds since 1970."""


class Headway(Struct, frozen=True):
    """How much of a run is done."""

    done: float
    of: float
    left: float | None = None
    """Seconds until it ends, if it goes on as it has gone so far."""
    by: str = ""
    """The param that `of` is guessed from."""


def ends_in(documents: Iterable[Values]) -> Ends:
    """Return when a run with these params ends.

    >>> ends_in([{"train": {"epochs": 10, "lr": 0.1}}, {"max-steps": -1}])
    Ends(steps=None, epochs=10, steps_by='', epochs_by='train.epochs')
    >>> ends_in([{"a": {"epochs": 10}, "b": {"epochs": 20}}])
    Ends(steps=None, epochs=None, steps_by='', epochs_by='')
    """
    found: tuple[dict[float, str], dict[float, str]] = {}, {}
    for values in documents:
        for name, value in flatten(values).items():
            word = name.rpartition(".")[2].lower().replace("-", "_")
            if not isinstance(value, int | float) or isinstance(value, bool):
                continue
            for names, numbers in zip((_STEPS, _EPOCHS), found, strict=True):
                if word in names and 0 < value < _MOST:
                    numbers.setdefault(value, name)
    (steps, steps_by), (epochs, epochs_by) = (
        next(iter(numbers.items())) if len(numbers) == 1 else (None, "") for numbers in found
    )
    return Ends(steps, epochs, steps_by, epochs_by)


def joined_ends(said: Ends, guessed: Ends) -> Ends:
    """Return when a run ends by what it logged, else by the params that it began with."""
    steps = (guessed.steps, guessed.steps_by) if said.steps is None else (said.steps, "")
    epochs = (guessed.epochs, guessed.epochs_by) if said.epochs is None else (said.epochs, "")
    return Ends(steps[0], epochs[0], steps[1], epochs[1])


def headway(
    ends: Ends, values: Mapping[str, float], first: Moment, last: Moment, now: float
) -> Headway | None:
    """Return how much of a run is done after its last step; None if nobody says when it ends.

    A first step of 0 means that a step is counted when it begins. A run that says how many epochs
    it has, and logs no `epoch`, has a step for each epoch.

    >>> headway(Ends(steps=100), {}, Moment(0, 1000.0), Moment(49, 1049.0), 1050.0)
    Headway(done=50, of=100, left=49.0, by='')
    """
    from_zero = 1 if first.step == 0 else 0
    done, of, by = last.step + from_zero, ends.steps, ends.steps_by
    if of is None and ends.epochs is not None:
        of, by = ends.epochs, ends.epochs_by
        if EPOCH in values:
            done = values[EPOCH]
    if of is None or done > of:
        return None
    return Headway(done, of, _left(done / of, first, last, now, from_zero), by)


def _left(share: float, first: Moment, last: Moment, now: float, from_zero: int) -> float | None:
    """Return the rest by the pace between the two moments; a run may have been resumed before."""
    steps = last.step + from_zero
    if last.step <= first.step or last.time <= first.time or not share:
        return None
    pace = (last.time - first.time) / (last.step - first.step)
    rest = pace * (steps / share - steps)
    return max(0.0, rest - max(0.0, now - last.time))
