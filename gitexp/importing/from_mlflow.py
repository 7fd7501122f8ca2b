"""Reads stores of MLflow's: its databases, and its folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gitexp.importing.foreign import Found, NoStore, Unreadable
from gitexp.importing.mlflow_folder import found_in_folder, is_store
from gitexp.importing.mlflow_tables import found_in_database

_SQLITE = "sqlite:///"
_FILE = "file:"
_USUAL = ("mlflow.db", "mlruns")
"""What MLflow calls its stores if nobody says otherwise, the newer one first."""
_OF_SQLITE = b"SQLite format 3\0"


def found(place: str | None, here: Path) -> Iterator[Found | Unreadable]:
    """Return the runs of a store: a path or MLflow's URI of one; without, that of a folder.

    Raises NoStore at once if there is none.
    """
    store = _store(place, here)
    if store.is_dir():
        return found_in_folder(store)
    return found_in_database(store)


def _store(place: str | None, here: Path) -> Path:
    if place is None:
        usual = (here / name for name in _USUAL)
        chosen = next((one for one in usual if one.exists()), None)
        if chosen is None:
            raise NoStore(
                "there is neither 'mlflow.db' nor 'mlruns' here",
                hint="Name the store: `gitexp import mlflow PATH` or `… sqlite:///PATH`.",
            )
        return _inside(chosen)
    if place.startswith(_SQLITE):
        return _inside(here / place.removeprefix(_SQLITE))
    if "://" in place and not place.startswith(_FILE):
        kind = place.partition("://")[0]
        raise NoStore(
            f"a store behind '{kind}://' is not read",
            hint="Name the database or the folder itself, where it lies; `mlflow server` prints "
            "it when it starts.",
        )
    return _inside(here / place.removeprefix("file://").removeprefix(_FILE))


def _inside(store: Path) -> Path:
    """Return the store at a place, or in the folder there; raises NoStore."""
    if not store.exists():
        raise NoStore(
            f"there is no '{store}'",
            hint="Name the database (`mlflow.db`) or the folder (`mlruns`) of MLflow.",
        )
    if store.is_dir():
        top = store.resolve()  # somebody named it: it may be a link, and nothing below may
        for one in (top, *(top / name for name in reversed(_USUAL))):
            is_file = one != top and one.is_file() and not one.is_symlink()
            if (one.is_dir() and is_store(one)) or is_file:
                return one
        raise NoStore(
            f"'{store}' is not a store of MLflow's: no experiment is in it",
            hint="An experiment is a folder with a `meta.yaml`, as `mlruns/0` is.",
        )
    with store.open("rb") as opened:
        if opened.read(len(_OF_SQLITE)) != _OF_SQLITE:
            raise NoStore(
                f"'{store}' is not a database of SQLite's",
                hint="Name the database (`mlflow.db`) or the folder (`mlruns`) of MLflow.",
            )
    return store
