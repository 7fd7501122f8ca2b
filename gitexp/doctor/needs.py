"""The objects that runs point at, down to the files of folders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from gitexp.data.manifests import folder_members
from gitexp.doctor.deep_state import DeepState, Need
from gitexp.model.many_records import many_reader
from gitexp.model.record_json import UnreadableRecord
from gitexp.store.stored_run import StoredRun

NAME = re.compile(r"[0-9a-f]{32}(?:\.dir)?")
"""Of an object: nothing else becomes part of a path."""


def note_needs(state: DeepState, runs: Iterable[StoredRun]) -> None:
    """Note the pointers of runs; a record that cannot be read is for another examination."""
    read = many_reader()
    for run in runs:
        try:
            record = run.record_by(read)
        except UnreadableRecord:
            continue
        state.need(
            Need(one.md5, one.path, run.name, None if one.md5.endswith(".dir") else one.size)
            for one in record.pointers
            if "://" not in one.path and NAME.fullmatch(one.md5)
        )


def note_members(state: DeepState, places: Iterable[Path]) -> list[str]:
    """Note the files of folders, as lists in the caches say; return lists that make no sense."""
    caches, bad = list(places), []
    for folder in list(state.folders()):
        for path in paths_of(folder, caches):
            try:
                state.note_members(folder, folder_members(path.read_bytes()).values())
            except OSError:
                continue  # looked at, and reported, as an object
            except ValueError:
                bad.append(folder)
                continue
            break
    return bad


def paths_of(md5: str, caches: Iterable[Path]) -> Iterator[Path]:
    """Yield where an object lies, in each cache that has it."""
    for cache in caches:
        path = cache / md5[:2] / md5[2:]
        if path.is_file():
            yield path
