"""DVC's remote: sending data to it and fetching data from it, by hash and not by rev."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gitexp.data.dvc_repo import open_repo
from gitexp.data.progress import Progress
from gitexp.data.transfer import Moved, copy_data, fetch_data
from gitexp.data.versioned import fetch_versions, is_versioned, kept_versions
from gitexp.data.versions import Versions
from gitexp.errors import GitexpError

NO_REMOTE = "no DVC remote is set up"
_ADD = "`dvc remote add -d NAME URL`"


class NoDataRemote(GitexpError):
    """There is no DVC remote that data can be sent to or fetched from."""


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
        with self._translated("be opened"):
            self._repo = open_repo(root)

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
            first = copy_data(cache.local, remote, held, cache.local, self._progress)
            second = copy_data(cache.legacy, legacy, old, cache.legacy, self._progress)
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

    def sizes(self, hashes: Iterable[str]) -> dict[str, int | None]:
        """Return what some remote has, with its bytes there as far as the storage says them.

        Raises NoDataRemote if there is no remote to ask.
        """
        left, found = frozenset(hashes), dict[str, int | None]()
        failure: GitexpError | None = None
        for name in self._names():
            try:
                if self.versioned(left, name):
                    found |= dict.fromkeys(self._held(left, name))
                else:
                    found |= self._sizes(left, name)
            except GitexpError as error:  # another remote may have it
                failure = failure or error
            left -= found.keys()
        if left and failure is not None:
            raise failure
        return found

    def _sizes(self, wanted: frozenset[str], name: str | None) -> dict[str, int | None]:
        found = dict[str, int | None]()
        for store in self._stores(name):
            asked = sorted(wanted - found.keys())
            with self._translated("be asked", name):
                places = [store.oid_to_path(oid) for oid in asked]
                infos = store.fs.info(places, return_exceptions=True) if asked else ()
                for oid, info in zip(asked, infos, strict=True):
                    if isinstance(info, Exception) and not isinstance(info, FileNotFoundError):
                        raise info
                    if isinstance(info, dict):
                        found[oid] = info.get("size")
        return found

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
            first = fetch_data(remote, cache.local, wanted, self._progress, whole=whole)
            second = fetch_data(legacy, cache.legacy, first.lost, self._progress, whole=whole)
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
    'the remote does not have it: whoever made it sends it with `gitexp push --all-data`.'
    """
    told = reason or "the remote does not have it"
    if reason == NO_REMOTE:
        return f"{told} here: name the one that it was sent to with {_ADD}."
    return f"{told}: whoever made it sends it with `gitexp push --all-data`."


def _is_sent(out: Any) -> bool:
    """Return whether `dvc push` would send an output."""
    return bool(out.can_push and not out.stage.is_repo_import)
