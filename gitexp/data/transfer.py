"""Copying data between the cache and a remote with DVC, and what became of it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct, field

from gitexp.data.progress import Progress, copying


class Moved(Struct, frozen=True):
    """What a transfer of data came to."""

    count: int = 0
    """How many objects were copied; the rest was there."""
    lost: frozenset[str] = field(default_factory=frozenset)
    """The hashes asked for whose data is on neither side, or not whole."""


class _NotCopied(Exception):
    """Single files could not be copied, for the reason that the first of them gives."""


def fetch_data(
    remote: Any, cache: Any, wanted: frozenset[str], progress: Progress | None, *, whole: bool
) -> Moved:
    """Fetch the lists of folders first: they say which files there are to fetch."""
    folders = frozenset(name for name in wanted if name.endswith(".dir"))
    lists = copy_data(remote, cache, folders, cache, progress, shallow=True)
    todo = wanted - lists.lost if whole else wanted - folders
    rest = copy_data(remote, cache, todo, cache, progress)
    return Moved(lists.count + rest.count, lists.lost | rest.lost)


def copy_data(
    source: Any,
    target: Any,
    hashes: frozenset[str],
    cache: Any,
    progress: Progress | None,
    *,
    shallow: bool = False,
) -> Moved:
    """Copy data that the source has; of folders all their files, unless it is `shallow`."""
    if not hashes:
        return Moved()
    from dvc_data.hashfile.hash_info import HashInfo  # noqa: PLC0415 - 100 ms with the one below, as above
    from dvc_data.hashfile.transfer import transfer  # noqa: PLC0415

    missing: set[str] = set()

    def note(status: Any) -> None:
        missing.update(found.value for found in status.missing)

    with _quiet() as reasons:
        result = transfer(
            source,
            target,
            {HashInfo(source.hash_name, name) for name in hashes},
            verify=source.verify and source is not cache,
            validate_status=note,
            cache_odb=cache,
            shallow=shallow,
            callback=copying(progress),
        )
    if result.failed:
        count = len(result.failed)
        raise _NotCopied((reasons or ["no reason is given"])[0] + f" ({count} files)" * (count > 1))
    lost = _asked_for(cache, hashes, missing)
    # of a folder that is not whole DVC counts the list, and does not copy it
    return Moved(len({found.value for found in result.transferred} - lost), lost)


def _asked_for(cache: Any, hashes: frozenset[str], missing: set[str]) -> frozenset[str]:
    """Return those of the hashes that are missing, folders with a missing file included."""
    from dvc_data.hashfile.hash_info import HashInfo  # noqa: PLC0415 - 100 ms with the one below, as above
    from dvc_data.hashfile.tree import Tree  # noqa: PLC0415

    lost = hashes & missing
    if missing - lost:
        for name in hashes - lost:
            if name.endswith(".dir"):
                tree = Tree.load(cache, HashInfo(cache.hash_name, name))
                if any(oid.value in missing for _, _, oid in tree):
                    lost |= {name}
    return lost


@contextlib.contextmanager
def _quiet() -> Iterator[list[str]]:
    """Collect why single files failed, which DVC prints with a traceback each."""
    reasons: list[str] = []
    logger = logging.getLogger("dvc_data.hashfile.transfer")
    handler = _Collecting(reasons.append)
    before = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield reasons
    finally:
        logger.removeHandler(handler)
        logger.propagate = before


class _Collecting(logging.Handler):
    def __init__(self, take: Callable[[str], None]) -> None:
        super().__init__()
        self._take = take

    def emit(self, record: logging.LogRecord) -> None:
        reason = record.exc_info[1] if record.exc_info else None
        self._take(str(reason or record.getMessage()))
