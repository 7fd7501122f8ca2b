"""Where the values of axes go: into a params file that has the key, or into the command."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from gitexp.errors import GitexpError
from gitexp.execution.overrides.composition import composition_of
from gitexp.execution.overrides.grammar import parse_override
from gitexp.execution.overrides.ours import holds
from gitexp.model.command.spelling import placeholder
from gitexp.model.documents.changes import lookup
from gitexp.model.documents.reading import parse_document
from gitexp.model.override import Operation, Override
from gitexp.model.values import flatten
from gitexp.project import Project
from gitexp.settings.hydra import Composition
from gitexp.sweep.space import Axis, Choices, Space

_MOST_NAMED = 6
_BRACED = re.compile(r"(?<!\$)\{([A-Za-z_][\w.]*)\}")
_HYDRA = ""
"""In place of a file: one key of Hydra's may pick a group, and another set a value in it."""

_Set: TypeAlias = tuple[str | None, tuple[str, ...], str]
"""A file or None for the command, a key in it, and what sets it."""


def check_targets(
    project: Project,
    contents: Mapping[str, bytes],
    space: Space,
    command: Sequence[str],
    fixed: Iterable[str],
) -> list[str]:
    """Raise GitexpError for an axis that nothing reads, and for two of one key; return notes.

    `contents` are the params files. An axis that the command has a placeholder for goes there
    alone, whether or not a params file has the key, too. Where Hydra composes the params, it
    says itself what it does not know, when the first point is made ready.
    """
    composition = composition_of(project)
    notes: list[str] = []
    keys: list[_Set] = []
    for axis in space.axes:
        files = _files_with(project, contents, axis)
        if placeholder(axis.name) in " ".join(command):
            _check_always_there(space, axis)
            if files:
                notes.append(
                    f"note: '{axis.name}' goes into the command alone, not into '{files[0]}'"
                )
            keys.append((None, (axis.key,), axis.name))
            continue
        if _is_composed(composition, axis.file):
            keys.append((_HYDRA, (axis.key,), axis.name))
            continue
        _check_read(contents, axis, files)
        notes += _notes_on_mapping(project, contents, axis, files)
        keys.append(((axis.file or files[0] if files else axis.file), _parts(axis), axis.name))
    for one in map(parse_override, fixed):
        if _is_composed(composition, one.file):
            keys.append((_HYDRA, (".".join(one.key),), f"-S {one.text}"))
            continue
        files = [name for name in contents if holds(project, contents, name, one)]
        keys.append((one.file or (files[0] if files else None), one.key, f"-S {one.text}"))
    _check_apart(keys)
    return notes + _notes_on_placeholders(space, command)


def _notes_on_mapping(
    project: Project, contents: Mapping[str, bytes], axis: Axis, files: Sequence[str]
) -> list[str]:
    """Return a note if points put something else in the place of a whole mapping."""
    if not files or (
        isinstance(axis.domain, Choices)
        and all(isinstance(value, dict) for value in axis.domain.values)
    ):
        return []
    there = lookup(project.documents.parse(contents[files[0]], files[0]), _parts(axis))
    if not isinstance(there, dict):
        return []
    inside = next(iter(there), "key")
    what = f"is a mapping in '{files[0]}', and points put other values in its place"
    return [f"note: '{axis.name}' {what}; `{axis.name}.{inside}=…` sets a value in it"]


def _notes_on_placeholders(space: Space, command: Sequence[str]) -> list[str]:
    """Return notes on what looks like a placeholder and stays as it is.

    In a line for a shell or awk, braces may mean anything: there it must be like an axis.
    """
    names, notes = space.names, dict[str, None]()
    for word in command:
        for name in _BRACED.findall(word):
            close = difflib.get_close_matches(name, names, n=1)
            if name in names or (not close and len(word.split()) > 1):
                continue
            meant = f"; did you mean '{placeholder(close[0])}'?" if close else ""
            notes[f"note: '{placeholder(name)}' in the command is no axis, and stays{meant}"] = None
    return list(notes)


def _is_composed(composition: Composition | None, file: str | None) -> bool:
    """Return whether Hydra takes a value, and says itself whether there is such a key or group."""
    if composition is None:
        return False
    return file is None or posixpath.normpath(file) == composition.output


def _parts(axis: Axis) -> tuple[str, ...]:
    return tuple(axis.key.split("."))


def _files_with(project: Project, contents: Mapping[str, bytes], axis: Axis) -> list[str]:
    """Return the params files that have the key of an axis; only the one it names, if it does."""
    override = Override(axis.name, axis.file, Operation.CHANGE, _parts(axis), None)
    named = posixpath.normpath(axis.file) if axis.file is not None else None
    found = [name for name in contents if holds(project, contents, name, override)]
    return [name for name in found if named in (None, name)]


def _check_read(contents: Mapping[str, bytes], axis: Axis, files: Sequence[str]) -> None:
    if len(files) > 1:
        ways = " or ".join(f"`{name}:{axis.key}=…`" for name in files)
        raise GitexpError(f"'{axis.key}' is in several params files", f"Name one: {ways}.")
    if axis.file is not None and posixpath.normpath(axis.file) not in contents:
        known = ", ".join(f"`{name}`" for name in contents)
        raise GitexpError(
            f"'{axis.file}' is not one of the params files",
            f"The params files are {known}." if known else "There is no params file.",
        )
    if files or axis.sign:
        return
    for name, content in contents.items():
        parse_document(content, name)  # one that cannot be read has no keys
    where = f"'{axis.file}' has no such key" if axis.file else "no params file has such a key"
    if not contents:
        where = "there is no params file"
    raise GitexpError(
        f"nothing reads '{axis.name}': {where}, and the command has no '{placeholder(axis.name)}'",
        _hint(contents, axis),
    )


def _hint(contents: Mapping[str, bytes], axis: Axis) -> str:
    known = [
        key
        for name in contents
        if axis.file in (None, name)
        for key in flatten(parse_document(contents[name], name))
    ]
    close = difflib.get_close_matches(axis.key, known, n=3)
    close += [key for key in known if key.endswith(f".{axis.key}") and key not in close]
    if close:
        return f"Did you mean {' or '.join(f'`{key}`' for key in close[:3])}?"
    flag = f"--{axis.key.rpartition('.')[2]}"
    says = f"Give it to the command, as `… {flag} {placeholder(axis.name)}`"
    if not known:
        return f"{says}."
    some = ", ".join(f"`{key}`" for key in known[:_MOST_NAMED])
    return f"{says}, add the key with `+{axis.key}=…`, or try one that is there: {some}."


def _check_always_there(space: Space, axis: Axis) -> None:
    """Raise GitexpError if a placeholder would stay empty in some point."""
    missing = [row for row in space.rows if axis.name not in row]
    if axis.when is not None or missing:
        raise GitexpError(
            f"'{axis.name}' has no value in some points, and the command needs one for "
            f"'{placeholder(axis.name)}'",
            "Read it from a params file, which keeps its value there.",
        )


def _check_apart(keys: Sequence[_Set]) -> None:
    """Raise GitexpError for two things that set one key, or one inside the other."""
    for at, (file, key, said) in enumerate(keys):
        for other_file, other, other_said in keys[:at]:
            shorter = min(len(key), len(other))
            if file == other_file and key[:shorter] == other[:shorter]:
                raise GitexpError(
                    f"'{other_said}' and '{said}' both set '{'.'.join(key)}'",
                    "Leave one of them out.",
                )
