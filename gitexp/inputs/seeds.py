"""Which param tells repeats of a run apart, and what it is in each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.model.command.params import command_params, command_without
from gitexp.model.command.text import is_shell_line
from gitexp.model.record import Documents
from gitexp.model.values import dumps, flatten, same

IsSeed = Callable[[str], bool]

_MOST_TOLD = 6
_MOST_REPEATS = 10_000


class SeedKey(Struct, frozen=True):
    """The param that repeats differ in."""

    name: str
    """Its flat name."""
    file: str | None
    """The params file that has it; None if it stands on the command line."""

    @property
    def override(self) -> str:
        """What `-S` sets it by, up to the `=`."""
        return f"{self.file}:{self.name}" if self.file is not None else self.name

    def __str__(self) -> str:
        return f"'{self.override}'" if self.file else f"'{self.name}' on the command line"


def seed_key(
    documents: Documents, command: Sequence[str], is_seed: IsSeed, asked: str | None = None
) -> SeedKey | None:
    """Return the one param of the files, or else of the command line, that is a seed.

    None if there is none: repeats then have the very same inputs.

    Args:
        documents: The params files, by path.
        command: As it was typed.
        is_seed: Says by its flat name whether a param is one, as `review.seeds` has it.
        asked: The one that is wanted, perhaps as `FILE:NAME`.

    Raises:
        GitexpError: There are several, or the one that is wanted is none.
    """
    on_line = [SeedKey(name, None) for name in command_params(command).values if is_seed(name)]
    in_files = [
        SeedKey(name, file)
        for file, values in documents.items()
        for name in flatten(values)
        if is_seed(name)
    ]
    if asked is not None:
        return _asked_for(asked, in_files, on_line, is_seed)
    found = [*in_files, *on_line]
    if len(found) > 1:
        names = [one.override for one in found]
        shown = ", ".join(map(str, found[:_MOST_TOLD]))
        more = ", …" if len(names) > _MOST_TOLD else ""
        raise GitexpError(
            f"several params may be the seed: {shown}{more}",
            hint=f"Say which one repeats differ in: `--repeat-key {names[0]}`.",
        )
    return found[0] if found else None


def _asked_for(
    asked: str, in_files: Sequence[SeedKey], on_line: Sequence[SeedKey], is_seed: IsSeed
) -> SeedKey:
    every = (*in_files, *on_line)
    exact = [one for one in every if asked == one.override]
    known = exact or [one for one in every if asked == one.name]
    if len(known) == 1:
        return known[0]
    if known:
        ways = " or ".join(f"`--repeat-key {one.override}`" for one in known)
        raise GitexpError(f"'{asked}' is in several params files", hint=f"Name one: {ways}.")
    name = asked.rpartition(":")[2]
    if not is_seed(name):
        raise GitexpError(
            f"'{name}' is not a seed here, so runs that differ in it are no repeats",
            hint=f"Add it to the seeds in gitexp.yaml: "
            f'`review: {{seeds: ["*seed", "*random_state", {dumps(name)}]}}`.',
        )
    raise GitexpError(
        f"no param '{asked}'", hint="It has to be in a params file or on the command line."
    )


def check_repeats(count: int) -> None:
    """Raise GitexpError for more repeats than anybody means; each has a seed in memory."""
    if count > _MOST_REPEATS:
        raise GitexpError(
            f"{count:,} repeats are too many: at most {_MOST_REPEATS:,}",
            hint="The mean is ten times as sure with a hundred times as many.",
        )


def seeds_from(text: str | None, count: int) -> tuple[int, ...]:
    """Return the seeds of some repeats: those given, or as many from one on; from 0 by default.

    >>> seeds_from(None, 3), seeds_from("7", 3), seeds_from("1, 2, 40", 3)
    ((0, 1, 2), (7, 8, 9), (1, 2, 40))
    """
    try:
        given = [int(part) for part in (text or "0").split(",")]
    except ValueError:
        raise GitexpError(
            f"'{text}' is no seed to begin with",
            hint="Give a whole number, from which repeats count up, or one for each: `1,2,3`.",
        ) from None
    if len(given) == 1:
        return tuple(range(given[0], given[0] + count))
    if len(given) != count or len({*given}) < count:
        raise GitexpError(
            f"{len({*given})} different seeds for {count} repeats",
            hint="Give one for each, or only the first.",
        )
    return tuple(given)


def seed_overrides(overrides: Sequence[str], is_seed: IsSeed) -> list[int]:
    """Return which of the overrides, as after `-S`, set a seed.

    >>> seed_overrides(["lr=1", "+train.seed=3", "b.yaml:seed=1,2"], lambda key: "seed" in key)
    [1, 2]
    """
    heads = [text.partition("=")[0] for text in overrides]
    return [at for at, head in enumerate(heads) if is_seed(_name(head)) and head[:1] != "~"]


def _name(head: str) -> str:
    return head.rpartition(":")[2].lstrip("+")


def with_seed(command: Sequence[str], name: str, seed: int) -> tuple[str, ...]:
    """Return a command line with another seed; raises GitexpError if that cannot be told for sure.

    >>> with_seed(["python", "a.py", "--seed", "3", "lr=1"], "seed", 7)
    ('python', 'a.py', '--seed', '7', 'lr=1')
    """
    for words in _candidates(command, seed) if not is_shell_line(command) else ():
        params = command_params(words).values
        others = [command_without(each, lambda key: key == name) for each in (command, words)]
        if same(params.get(name), seed) and others[0] == others[1]:
            return words
    raise GitexpError(
        f"'{name}' cannot be set on this command line",
        hint="Put the seed into a params file, or write it as `--seed 1`.",
    )


def _candidates(command: Sequence[str], seed: int) -> list[tuple[str, ...]]:
    """Return the command with each of its words in turn replaced, or what stands behind its `=`."""
    found = []
    for at, word in enumerate(command):
        head, equals, _ = word.partition("=")
        new = f"{head}={seed}" if equals else str(seed)
        found.append((*command[:at], new, *command[at + 1 :]))
    return found
