"""What a name means among those of metrics, params and curves: one rule, wherever one is given.

The whole name counts first, then its end, part by part: `loss` for `val.loss`. Dots and slashes
are alike. Names that fit equally well are all returned; whoever asks refuses them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from gitexp.model.lazy_pattern import lazy_pattern

T = TypeVar("T")

MOST_SHOWN = 6
"""How many names are listed where several fit."""
IN_A_FILE = lazy_pattern(r"(?:ya?ml|json[l5]?|toml|py|csv|tsv):", re.IGNORECASE)
"""What follows the first dot of `params.yaml:lr`, whose beginning is no mark of a param."""
_METRIC = "metrics."


def meant(said: str, names: Iterable[str], *, marked: bool = False) -> list[str]:
    """Return the names that somebody may mean, none of them better than another.

    A name that two files of a run have is `FILE:name` there, and plain in runs with one such
    file: all of these are the whole name, unless `marked` says that its kind stood before it.

    >>> meant("loss", ["val/loss", "val.los"]), meant("val.loss", ["loss", "val/loss"])
    (['val/loss'], ['val/loss'])
    >>> meant("lr", ["lr", "command:lr", "optim.lr"]), meant("lr", ["lr", "a:lr"], marked=True)
    (['lr', 'command:lr'], ['lr'])
    """
    return meant_of(said, names, str, marked=marked)


def meant_of(
    said: str, values: Iterable[T], name: Callable[[T], str], *, marked: bool = False
) -> list[T]:
    """Return the values whose names somebody may mean, as `meant` does."""
    known = [(name(one), one) for one in values]
    exact = [one for text, one in known if text == said]
    if exact and marked:
        return exact
    end = f":{said}"
    if exact:
        return [one for text, one in known if text == said or text.endswith(end)]
    dotted, alike = _dotted(said), [(_dotted(text), one) for text, one in known]
    end = f":{dotted}"
    whole = [one for text, one in alike if text == dotted or text.endswith(end)]
    return whole or [one for text, one in alike if text.endswith(f".{dotted}")]


def _dotted(name: str) -> str:
    return name.replace("/", ".")


def meant_curve(said: str, keys: Sequence[str]) -> list[str]:
    """Return the curves that somebody may mean, who may have written `metrics.` before the name.

    >>> meant_curve("loss", ["train/loss", "val/loss"]), meant_curve("metrics.acc", ["val/acc"])
    (['train/loss', 'val/loss'], ['val/acc'])
    """
    return meant(said, keys) or meant(said.removeprefix(_METRIC), keys)


def key_of(name: str) -> str:
    """Return a flat name without its file.

    >>> key_of("metrics.json:val.loss"), key_of("val.loss")
    ('val.loss', 'val.loss')
    """
    return name.rpartition(":")[2]


def are_one(some: str, other: str) -> bool:
    """Return whether two names may be of one metric: one of them is the other, or its end.

    >>> [are_one(one, "loss") for one in ("loss", "val.loss", "metrics.json:loss", "s")]
    [True, True, True, False]
    """
    return bool(meant(some, [other]) or meant(other, [some]))


def alternatives(names: Sequence[str]) -> str:
    """Return names as a phrase, the first ones where there are many.

    >>> alternatives(["`a`"]), alternatives(["`a`", "`b`", "`c`"])
    ('`a`', '`a`, `b` or `c`')
    """
    *most, last = _first(names)
    return f"{', '.join(most)} or {last}" if most else last


def _first(names: Sequence[str]) -> Iterator[str]:
    yield from names[:MOST_SHOWN]
    if len(names) > MOST_SHOWN:
        more = len(names) - MOST_SHOWN
        yield f"{more} other{'s' if more > 1 else ''}"
