"""The files of a run in git's store: all of them are here before the first is written."""

from __future__ import annotations

from collections.abc import Iterable

from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.git.unreachable import stored

_PROMISOR = ".promisor"


def have_objects(repository: Repository, run: str, oids: Iterable[str]) -> None:
    """Fetch what a partial clone lacks; raises GitexpError if something is not to be had."""
    wanted = list(dict.fromkeys(oids))
    if not repository.is_partial:
        _check(run, wanted, _here(repository, wanted), "`git fsck` says what else is missing.")
        return
    here = set(stored(repository, wanted))
    lacking = [oid for oid in wanted if oid not in here]
    if not lacking:
        return
    from gitexp.git.remotes import Remote, RemoteFailed  # noqa: PLC0415 - 5 ms, in partial clones

    names = [name.split(".", 1)[1] for name in repository.config if name.endswith(_PROMISOR)]
    for name in names:
        try:
            Remote(repository, name.removesuffix(_PROMISOR)).fetch_objects(lacking)
        except RemoteFailed:
            continue
        here.update(stored(repository, lacking))
    hint = "This is a partial clone: `git fetch` shows whether its remote can be reached."
    _check(run, wanted, here, hint)


def _here(repository: Repository, oids: list[str]) -> set[str]:
    asked = "".join(f"{oid}\n" for oid in oids).encode()
    options = ("--batch-check=%(objectname) %(objecttype)", "--buffer")
    listed = repository.git("cat-file", *options, stdin=asked).decode().splitlines()
    return {line.split(" ")[0] for line in listed if not line.endswith(" missing")}


def _check(run: str, wanted: Iterable[str], here: set[str], hint: str) -> None:
    missing = [oid for oid in wanted if oid not in here]
    if missing:
        files = "a file" if len(missing) == 1 else f"{len(missing)} files"
        raise GitexpError(
            f"{files} of run '{run}' cannot be read from git, so nothing was changed "
            f"({missing[0][:10]} is missing)",
            hint=hint,
        )
