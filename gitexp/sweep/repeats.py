"""The param that tells the repeats of a point apart, and what it is in each of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.overrides.grammar import split_file
from gitexp.inputs.seeds import check_repeats, seed_key
from gitexp.model.documents.reading import parse_document
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.sweep.asked import Asked
from gitexp.sweep.space import Axis, Choices, Space

_PLACEHOLDER = re.compile(r"\{([\w.-]+)\}")


def seed_axis(name: str, seeds: tuple[Value, ...]) -> Axis:
    """Return the seed as what an axis would be."""
    file, key = split_file(name)
    return Axis(key, Choices(seeds), file)


def with_repeats(
    project: Project,
    space: Space,
    asked: Asked,
    command: Sequence[str],
    contents: Mapping[str, bytes],
) -> tuple[Space, str | None, tuple[Value, ...]]:
    """Return the space without the axis of seeds, the name of the seed, and its values.

    `contents` are the params files. An axis of the seed, if there is one, says the values;
    else they are 0, 1, 2 and so on.
    """
    repeat, key = asked.repeat, asked.repeat_key
    if repeat == 1 and key is None:
        return space, None, ()
    if repeat == 1:
        raise GitexpError("`--repeat-key` without repeats", "Add `--repeat 5`.")
    check_repeats(repeat)
    name = key if key is not None else _seed_of(project, space, command, contents)
    axis = next((one for one in space.axes if one.name == name), None)
    if axis is None:
        return space, name, tuple(range(repeat))
    if space.rows or not isinstance(axis.domain, Choices) or axis.when is not None:
        raise GitexpError(
            f"'{name}' tells repeats apart, so it cannot be an interval, a column or have `when`",
            f"List {repeat} values: `{name}={','.join(map(str, range(repeat)))}`.",
        )
    values = axis.domain.values
    if len(values) < repeat:
        raise GitexpError(
            f"'{name}' has {len(values)} values for {repeat} repeats",
            "Give as many, or leave the axis out.",
        )
    rest = tuple(one for one in space.axes if one is not axis)
    return replace(space, axes=rest), name, values[:repeat]


def _seed_of(
    project: Project, space: Space, command: Sequence[str], contents: Mapping[str, bytes]
) -> str:
    """Return the one param that is a seed by the settings."""
    is_seed = project.config.review.is_seed
    found = [axis.name for axis in space.axes if is_seed(axis.key)]
    found = found or [name for name in _PLACEHOLDER.findall(" ".join(command)) if is_seed(name)]
    if not found:
        documents = {name: parse_document(content, name) for name, content in contents.items()}
        key = seed_key(documents, (), is_seed)  # on the command line only a placeholder is one
        found = [key.name] if key is not None else []
    if len(found) == 1:
        return found[0]
    if found:
        raise GitexpError(
            f"several params may be the seed: {', '.join(found)}",
            f"Say which, as `--repeat-key {found[0]}`.",
        )
    raise GitexpError(
        "no param is a seed, so repeats would all be the same",
        _hint(command, is_seed),
    )


def _hint(command: Sequence[str], is_seed: Callable[[str], bool]) -> str:
    """Return how a param becomes a seed; most commands take it as a flag, with a value."""
    flags = (word.partition("=")[0] for word in command if word.startswith("-"))
    flag = next((one for one in flags if is_seed(one.lstrip("-").replace("-", "_"))), None)
    if flag is not None:
        return f"Write `{flag} {{seed}}` in the command: each repeat has another value there."
    return (
        "Write `{seed}` where the command takes it, as `--seed {seed}`; or name a param with "
        "`--repeat-key KEY`, or its pattern under `review: {seeds: [...]}` in gitexp.yaml."
    )
