"""Edits of params files that change the bytes of the values and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from gitexp.errors import GitexpError
from gitexp.model.documents import json_edit, yaml_edit
from gitexp.model.documents.changes import ABSENT, Act, Change, Path, differences, lookup
from gitexp.model.documents.reading import (
    BYTE_ORDER_MARK,
    PYTHON,
    Parse,
    decode,
    kind_of,
    parse_document,
)
from gitexp.model.identical import identical
from gitexp.model.values import Value, Values

_Editor = Callable[[str, Change, Values], Iterator[str]]
_MOST_STEPS = 1000


def edit_document(
    content: bytes,
    name: str,
    wanted: dict[str, Value],
    keys: Sequence[Path],
    parse: Parse = parse_document,
) -> bytes:
    """Return the file with the wanted values, of which only those under the keys may differ.

    What was written is read again; a change that cannot be made without another one is refused.
    """
    if name.lower().endswith(PYTHON):
        raise GitexpError(
            f"no value can be set in '{name}', because that is Python",
            "Edit the file, or move the values to a `params.yaml`.",
        )
    text = decode(content, name)
    values = parse(content, name)
    for _ in range(_MOST_STEPS):
        change = _next(differences(values, wanted), keys)
        if change is None:
            break
        text, values = _changed(text, values, name, change, wanted, parse)
    if not identical(values, wanted):
        raise _entangled(name, keys, differences(wanted, values))
    mark = BYTE_ORDER_MARK if content.startswith(BYTE_ORDER_MARK.encode()) else ""
    return (mark + text).encode()


def _next(changes: Iterable[Change], keys: Sequence[Path]) -> Change | None:
    """Return the first change of what was asked for; others are what an anchor does elsewhere."""
    for change in changes:
        for key in keys:
            shared = min(len(key), len(change.path))
            if change.path[:shared] == key[:shared]:
                return change
    return None


def _editor(kind: str) -> _Editor:
    if kind == "TOML":
        from gitexp.model.documents import toml_edit  # noqa: PLC0415 - 9 ms, where there is TOML

        return toml_edit.candidates
    return json_edit.candidates if kind == "JSON" else yaml_edit.candidates


def _changed(
    text: str, values: dict[str, Value], name: str, change: Change, wanted: Values, parse: Parse
) -> tuple[str, dict[str, Value]]:
    # An editor parses the text for the places of its values, which these values do not have;
    # what it wrote are new bytes, and only reading them shows what came of the change.
    for candidate in _editor(kind_of(name))(text, change, wanted):
        try:
            after = parse(candidate.encode(), name)
        except GitexpError:
            continue  # such as a tag that does not suit the new value
        if _is_done(change, values, after):
            return candidate, after
    raise GitexpError(
        f"cannot {change.act.value} '{'.'.join(change.path)}' in '{name}' without rewriting more",
        f"It may come from a merge or an unusual layout; edit `{name}` by hand.",
    )


def _is_done(change: Change, before: Value, after: Value) -> bool:
    if change.act is not Act.REMOVE:
        return identical(lookup(after, change.path), change.value)
    old, new = lookup(before, change.path[:-1]), lookup(after, change.path[:-1])
    if isinstance(old, list) and isinstance(new, list):
        return len(new) == len(old) - 1
    return lookup(after, change.path) is ABSENT


def _entangled(name: str, keys: Sequence[Path], others: Iterable[Change]) -> GitexpError:
    asked = ", ".join(f"'{'.'.join(key)}'" for key in keys)
    also = [".".join(change.path) for change in others]
    return GitexpError(
        f"setting {asked} in '{name}' would also change {', '.join(f'{n!r}' for n in also)}",
        f"They share an anchor; give each a value: `-S {also[0]}=...`." if also else None,
    )
