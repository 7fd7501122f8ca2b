"""DVC's remote: sending data to it and fetching data from it, by hash and not by rev."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from gitexp.data.dvc_project import import_dvc
from gitexp.data.progress import Progress, copying
from gitexp.data.versioned import fetch_versions, is_versioned, kept_versions
from gitexp.data.versions import Versions
from gitexp.errors import GitexpError

NO_REMOTE = "no DVC remote is set up"
_ADD = "`dvc remote add -d NAME URL`"


class NoDataRemote(GitexpError):
    """There is no DVC remote that data can be sent to or fetched from."""


class Moved(Struct, frozen=True):
    """What a transfer of data came to."""

    count: int = 0
    """How many objects were copied; the rest was there."""
    lost: frozenset[str] = field(default_factory=frozenset)
    """The hashes asked for whose data is on neither side, or not whole."""


class _NotCopied(Exception):
    """Single files could not be copied, for the reason that the first of them gives."""


class DataRemote:
    """The remotes of the DVC project at `root`; `.dvc/config.local` counts as well.

    Those that are cloud-versioned have of a run what its pointers name by a version.

    `dvc push -A` reads the configuration as it was at each commit, and skips those from
    before the remote was set up. Here it is read as it is now.
    """

    def __init__(
        self, root: Path, progress: Progress | None = None, versions: Versions | None = None
    ) -> None:
        self._root, self._progress = root, progress
        self._versions = versions or Versions()
        import_dvc("dvc.config")  # its start replaces the standard streams
        from dvc.repo import Repo  # noqa: PLC0415 - 200 ms, where data is sent or fetched

        with self._translated("be opened"):
            self._repo = Repo(str(root))

    def push(self, hashes: Iterable[str], to: str | None = None) -> Moved:
        """Copy data from the cache to a remote, folders with all their files.

        The remote is the default one unless `to` names another. Raises NoDataRemote if
        there is none that takes data by its hash.
        """
        cache, wanted = self._repo.cache, frozenset(hashes)
        remote, legacy = self._stores(to)
        with self._translated("take the data", to):
            held = frozenset(cache.local.oids_exist(wanted)) if wanted else wanted
            old = (
                frozenset(cache.legacy.oids_exist(wanted - held)) if wanted - held else held - held
            )
            gone = wanted - held - old
            gone -= frozenset(remote.oids_exist(gone)) if gone else gone
            gone -= frozenset(legacy.oids_exist(gone)) if gone else gone
            first = _copy(cache.local, remote, held, cache.local, self._progress)
            second = _copy(cache.legacy, legacy, old, cache.legacy, self._progress)
        return Moved(first.count + second.count, first.lost | second.lost | gone)

    def fetch(self, hashes: Iterable[str], *, whole: bool = True) -> Moved:
        """Copy data to the cache, from the default remote or from another that has it.

        Of a folder that is not wanted `whole`, only the list of its files comes.
        """
        lost, count = frozenset(hashes), 0
        failure: GitexpError | None = None
        for name in self._names():
            try:
                moved = self._fetch(lost, name, whole=whole)
            except GitexpError as error:  # another remote may have it
                failure = failure or error
                continue
            lost, count = moved.lost, count + moved.count
            if not lost:
                break
        if lost and failure is not None:
            raise failure
        return Moved(count, lost)

    def lacking(self, hashes: Iterable[str]) -> frozenset[str]:
        """Return those of the hashes that no remote has; of a folder, the list of its files counts.

        Raises NoDataRemote if there is no remote to ask.
        """
        gone = frozenset(hashes)
        failure: GitexpError | None = None
        for name in self._names():
            try:
                gone -= self._held(gone, name)
            except GitexpError as error:  # another remote may have it
                failure = failure or error
        if gone and failure is not None:
            raise failure
        return gone

    def versioned(self, hashes: Iterable[str], name: str | None) -> frozenset[str]:
        """Return what pointers say that a remote has in a version; nothing of an ordinary one."""
        remote = self._remote(name)
        if not is_versioned(remote):
            return frozenset()
        return frozenset(md5 for md5 in hashes if self._versions.has(md5, remote.name))

    def _held(self, wanted: frozenset[str], name: str | None) -> frozenset[str]:
        held = frozenset[str]()
        if known := self.versioned(wanted, name):
            with self._translated("be asked", name):
                held = frozenset(kept_versions(self._remote(name), known, self._versions))
        else:
            for store in self._stores(name):
                with self._translated("be asked", name):
                    held |= frozenset(store.oids_exist(wanted - held)) if wanted - held else held
        return held

    def _fetch(self, wanted: frozenset[str], name: str | None, *, whole: bool) -> Moved:
        if self.versioned(wanted, name):
            remote = self._remote(name)
            with self._translated("give the data", name):
                found = fetch_versions(self._root, remote, wanted, self._versions, whole=whole)
            return Moved(*found)
        cache = self._repo.cache
        remote, legacy = self._stores(name)
        with self._translated("give the data", name):
            first = _fetch(remote, cache.local, wanted, self._progress, whole=whole)
            second = _fetch(legacy, cache.legacy, first.lost, self._progress, whole=whole)
        return Moved(first.count + second.count, second.lost)

    def own_remotes(self, rev: str) -> dict[str, frozenset[str | None]]:
        """Return where DVC keeps each piece of data of a rev; None is the default remote.

        An output can name a remote of its own (`remote:` in a `.dvc` file or `dvc.yaml`). One that
        is not to be pushed (`push: false`), or is had from another repository, is on none.
        """
        found: dict[str, set[str | None]] = {}
        with self._translated("be determined"), self._repo.switch(rev):
            for out in self._repo.index.outs:
                if out.hash_info:
                    names = found.setdefault(out.hash_info.value, set())
                    names.update([out.remote] if _is_sent(out) else [])
        return {md5: frozenset(names) for md5, names in found.items()}

    def _names(self) -> list[str | None]:
        """Return the default remote, and all others after it."""
        config = self._repo.config
        return [None, *(name for name in config["remote"] if name != config["core"].get("remote"))]

    def _stores(self, name: str | None) -> tuple[Any, Any]:
        """Return what a remote keeps by today's hash, and by that of DVC 2."""
        remote = self._remote(name)
        with self._translated("be used", name):
            if not is_versioned(remote):
                return remote.odb, remote.legacy_odb
        raise NoDataRemote(
            f"DVC remote '{remote.name}' is cloud-versioned and keeps no data by its hash",
            hint="`dvc push` sends what is committed, or set up an ordinary remote for runs with "
            "`dvc remote add -d NAME URL`.",
        )

    def _remote(self, name: str | None) -> Any:
        from dvc.config import RemoteConfigError  # noqa: PLC0415 - 60 ms, with `dvc.repo`

        with self._translated("be used", name):
            try:
                return self._repo.cloud.get_remote(name)
            except RemoteConfigError as error:
                raise self._none(error) from error

    def _none(self, error: Exception) -> NoDataRemote:
        said = str(error).splitlines()[0]
        if "no remote specified" not in said:
            return NoDataRemote(said, hint="See `dvc remote list`.")
        if self._repo.config["remote"]:
            return NoDataRemote(
                "no DVC remote is the default", hint="Name it with `dvc remote default NAME`."
            )
        return NoDataRemote(NO_REMOTE, hint=f"Set one up with {_ADD}.")

    @contextlib.contextmanager
    def _translated(self, what: str, name: str | None = None) -> Iterator[None]:
        """Turn whatever a plug-in for some storage raises into one error."""
        try:
            yield
        except GitexpError:
            raise
        except Exception as error:
            which = f"the DVC remote '{name}'" if name else "the DVC remote"
            raise GitexpError(
                f"{which} could not {what}: {str(error) or type(error).__name__}",
                hint="See `dvc remote list`, and check whether `dvc push` works.",
            ) from error

    def __enter__(self) -> DataRemote:
        """Return the remote itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close what DVC opened."""
        self._repo.close()


def way_to_get(reason: str | None) -> str:
    """Return how data can be had that is neither in the cache nor came from a remote.

    >>> way_to_get(None)
    'the remote does not have it: ask whoever made it to `dvc push`.'
    """
    told = reason or "the remote does not have it"
    if reason == NO_REMOTE:
        return f"{told} here: name the one that it was sent to with {_ADD}."
    return f"{told}: ask whoever made it to `dvc push`."


def _is_sent(out: Any) -> bool:
    """Return whether `dvc push` would send an output."""
    return bool(out.can_push and not out.stage.is_repo_import)


def _fetch(
    remote: Any, cache: Any, wanted: frozenset[str], progress: Progress | None, *, whole: bool
) -> Moved:
    """Fetch the lists of folders first: they say which files there are to fetch."""
    folders = frozenset(name for name in wanted if name.endswith(".dir"))
    lists = _copy(remote, cache, folders, cache, progress, shallow=True)
    todo = wanted - lists.lost if whole else wanted - folders
    rest = _copy(remote, cache, todo, cache, progress)
    return Moved(lists.count + rest.count, lists.lost | rest.lost)


def _copy(
    source: Any,
    target: Any,
    hashes: frozenset[str],
    cache: Any,
    progress: Progress | None,
    *,
    shallow: bool = False,
) -> Moved:
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
