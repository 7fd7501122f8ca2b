"""Overrides matched with the params files that they belong to, and applied."""

from __future__ import annotations

import copy
import difflib
import posixpath
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.documents.changes import ABSENT, Absent, Path, index_in, lookup
from gitexp.model.documents.edit import edit_document
from gitexp.model.documents.misread import written_anew
from gitexp.model.documents.reading import Parse, parse_document
from gitexp.model.identical import identical
from gitexp.model.override import Operation, Override, UnknownParam
from gitexp.model.values import Value, Values, dumps, same

_MOST_TOLD = 8
"""Keys in a hint: as many as fit on a line."""


def apply_overrides(
    contents: Mapping[str, bytes], overrides: Sequence[Override], parse: Parse = parse_document
) -> dict[str, bytes]:
    """Return the new bytes of the params files that change.

    Args:
        contents: The params files, by project-relative path.
        overrides: What to set; a later one sees what an earlier one did.
        parse: What reads the files, before and after.

    Raises:
        GitexpError: A key is unknown, is already there, or is in several files; a value cannot
            be set without changing another.
    """
    if overrides and not contents:
        raise UnknownParam(
            overrides[0],
            f"there is no params file to set '{overrides[0].name}' in",
            "Create `params.yaml`, or name yours under `params:` in `gitexp.yaml`.",
        )
    documents = {name: parse(content, name) for name, content in contents.items()}
    wanted = copy.deepcopy(documents) if overrides else {}
    keys: dict[str, list[Path]] = {}
    for asked in overrides:
        name = _file_of(asked, wanted)
        override = replace(asked, key=_key_in(wanted[name], asked))
        keys.setdefault(name, []).append(_scope(wanted[name], override))
        _apply(wanted[name], override, name)
    edited = {}
    for name, paths in keys.items():
        content = contents[name]
        if not identical(documents[name], wanted[name]):
            content = edit_document(content, name, wanted[name], paths, parse)
        edited[name] = written_anew(content, name, wanted[name], paths)
    return {name: content for name, content in edited.items() if content != contents[name]}


def _file_of(override: Override, documents: Mapping[str, Values]) -> str:
    """Return the file that an override means."""
    if override.file is not None:
        name = posixpath.normpath(override.file)
        if name not in documents:
            known = ", ".join(f"`{known}`" for known in documents)
            raise GitexpError(
                f"'{override.file}' is not one of the params files",
                f"The params files are {known}.",
            )
        return name
    holders = [
        name for name, document in documents.items() if _spelled(dict(document), override.key)
    ]
    if len(holders) > 1:
        ways = " or ".join(f"`{name}:{override.text}`" for name in holders)
        raise GitexpError(f"'{override.name}' is in several params files", f"Name one: {ways}.")
    if holders:
        return holders[0]
    if len(documents) > 1 and override.operation in {Operation.ADD, Operation.FORCE}:
        ways = " or ".join(f"`{name}:{override.text}`" for name in documents)
        raise GitexpError(
            f"cannot tell which params file '{override.name}' belongs in", f"Name one: {ways}."
        )
    if len(documents) > 1:
        raise _unknown(override, override.key, documents)
    return next(iter(documents))


def _key_in(document: Value, asked: Override) -> Path:
    """Return where an override leads: to what is there, or to a new key in what is there."""
    found = _spelled(document, asked.key)
    if found is None and asked.operation in {Operation.ADD, Operation.FORCE}:
        for count in range(len(asked.key) - 1, 0, -1):
            around = _spelled(document, asked.key[:count])
            if around is not None:
                return (*around, *asked.key[count:])
    return found or asked.key


def _spelled(document: Value, key: Path) -> Path | None:
    """Return where a key is: a dot in it may belong to a name, if it leads nowhere else.

    >>> _spelled({"limits": {"0.5": 1}}, ("limits", "0", "5"))
    ('limits', '0.5')
    """
    if not key:
        return ()
    for count in range(1, len(key) + 1):
        part = ".".join(key[:count])
        below = lookup(document, (part,))
        rest = None if isinstance(below, Absent) else _spelled(below, key[count:])
        if rest is not None:
            return part, *rest
    return None


def _scope(document: dict[str, Value], override: Override) -> Path:
    """Return under which key an override changes something: without an item, others move up."""
    holder = lookup(document, override.key[:-1])
    deletes = override.operation is Operation.DELETE
    return override.key[:-1] if deletes and isinstance(holder, list) else override.key


def _apply(document: dict[str, Value], override: Override, name: str) -> None:
    old = lookup(document, override.key)
    if override.operation is Operation.DELETE:
        _check_deletion(override, old, {name: document})
        _delete(document, override.key)
        return
    if override.value == {} and isinstance(old, dict) and old:
        raise GitexpError(
            f"'{override.text}' changes nothing: mappings are merged",
            f"Delete its keys one by one: `~{override.name}.{next(iter(old))}`.",
        )
    for key, value in list(_leaves(document, override.key, override.value)):
        found = lookup(document, key)
        if override.operation is Operation.CHANGE and found is ABSENT:
            raise _unknown(override, key, {name: document})
        if override.operation is Operation.ADD and found is not ABSENT and found is not None:
            raise GitexpError(
                f"'{'.'.join(key)}' is already in '{name}'",
                f"To change it, write `{_resigned(override, '')}`.",
            )
        _set(document, key, value, override)


def _leaves(document: Value, key: Path, value: Value) -> Iterator[tuple[Path, Value]]:
    """Yield what to set where: a mapping over a mapping is merged, as Hydra does."""
    if isinstance(value, dict) and isinstance(lookup(document, key), dict):
        for part, item in value.items():
            yield from _leaves(document, (*key, part), item)
    else:
        yield key, value


def _set(document: Value, path: Path, value: Value, override: Override) -> None:
    holder = document
    for depth, part in enumerate(path[:-1]):
        below = lookup(holder, (part,))
        if isinstance(below, Absent) or below is None:
            below = {}
            _put(holder, part, below, override, path[:depth])
        holder = below
    _put(holder, path[-1], copy.deepcopy(value), override, path[:-1])


def _put(holder: Value, part: str, value: Value, override: Override, path: Path) -> None:
    name = ".".join(path)
    if isinstance(holder, dict):
        holder[part] = value
    elif not isinstance(holder, list):
        raise GitexpError(
            f"'{name}' is {dumps(holder)}, not a mapping",
            f"To replace it, write `++{name}={{{part}: ...}}`.",
        )
    elif (index := index_in(holder, part)) is not None:
        holder[index] = value
    elif part == str(len(holder)):
        holder.append(value)
    else:
        raise GitexpError(
            f"'{override.text}' is outside the list '{name}'",
            f"The next free place is `{name}.{len(holder)}`.",
        )


def _delete(document: Value, path: Path) -> None:
    holder = lookup(document, path[:-1])
    if isinstance(holder, list):
        del holder[int(path[-1])]
    elif isinstance(holder, dict):
        del holder[path[-1]]


def _check_deletion(override: Override, old: object, documents: Mapping[str, Values]) -> None:
    if old is ABSENT:
        raise _unknown(override, override.key, documents)
    if override.value is not None and not same(old, override.value):
        raise GitexpError(
            f"'{override.name}' is {dumps(old)}, not {dumps(override.value)}",
            f"To delete it in any case, write `~{override.name}`.",
        )


def _unknown(override: Override, key: Path, documents: Mapping[str, Values]) -> GitexpError:
    name = ".".join(key)
    known = [known for document in documents.values() for known in _names(dict(document))]
    close = difflib.get_close_matches(name, known, n=3)
    close += [other for other in known if other.endswith(f".{key[-1]}") and other not in close]
    guess = f"Did you mean {' or '.join(f'`{other}`' for other in close[:3])}? " if close else ""
    add = f"To add a key, write `{_resigned(override, '+')}`."
    where = f"'{next(iter(documents))}'" if len(documents) == 1 else "any params file"
    known = [f"`{key}`" for document in documents.values() for key in document]
    more = ", ..." if len(known) > _MOST_TOLD else ""
    hint = guess or f"There are {', '.join(known[:_MOST_TOLD])}{more}. "
    hint += add if override.operation is Operation.CHANGE else ""
    text = f"no key '{name}' in {where}"
    return UnknownParam(override, text, hint.strip() if known else add)


def _resigned(override: Override, sign: str) -> str:
    """Return the override with another sign before its key."""
    head, equals, value = override.text.partition("=")
    file = f"{override.file}:" if override.file else ""
    key = head.lstrip("+~").removeprefix(file).lstrip("+~")
    return f"{file}{sign}{key}{equals}{value}"


def _names(value: Value, prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of everything in a document, the mappings themselves included."""
    items: list[tuple[str, Value]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = [(str(index), item) for index, item in enumerate(value)]
    for key, item in items:
        yield prefix + key
        yield from _names(item, f"{prefix}{key}.")
