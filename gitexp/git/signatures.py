"""Signatures on commits, checked by git for many at a time.

Who is trusted is said by git's configuration, and by what it names: `gpg.ssh.allowedSignersFile`,
the keyring, `gpg.minTrustLevel`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from gitexp.git.failing import GitCommandFailed
from gitexp.git.repository import Repository
from gitexp.model.signature import NOT_SIGNED, Signature, SignatureState, can_vouch

_FORM = "%H%x00%G?%x00%GS%x00%GF%x00%GK%x00%GG"
_FIELDS = 6
_STATES: Mapping[str, SignatureState] = {
    "G": "good",
    "U": "untrusted",
    "E": "untrusted",  # the key is not here
    "X": "expired",
    "Y": "expired",
    "R": "revoked",
    "B": "bad",
}
_LEVELS = ("never", "undefined", "marginal", "fully", "ultimate")
_SSH_EXPIRED = ("key has expired", "key is not yet valid")
"""What ssh-keygen says of a key in the file of signers, before git says that nobody is known."""

_AT_ONCE = 100
"""How many commits one process of git checks: 10 to 20 ms each."""

Checked = Callable[[int], None]
"""Called with the number of commits that were checked since the last call."""


def read_signatures(
    repository: Repository, oids: Sequence[str], checked: Checked = lambda _: None
) -> dict[str, Signature]:
    """Return what git says of the signature of each commit, by oid; a process for many at a time.

    One that git cannot check, since nothing says whom to trust, is untrusted.
    """
    wanted = list(dict.fromkeys(oids))
    parts = [wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE)]
    found: dict[str, Signature] = {}
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for part, told in zip(
            parts, pool.map(lambda one: _asked(repository, one), parts), strict=True
        ):
            found |= told
            checked(len(part))
    bare = [oid for oid in wanted if found.get(oid, NOT_SIGNED).state == "none"]
    found |= dict.fromkeys(_with_signature(repository, bare), Signature("unchecked"))
    return {oid: found.get(oid, NOT_SIGNED) for oid in wanted}


def _with_signature(repository: Repository, oids: Sequence[str]) -> Iterator[str]:
    """Yield the commits that have a signature though git says that they have none.

    That is so if its program is not installed, or if git does not know its kind.
    """
    for oid, commit in zip(oids, repository.objects.read_many(oids), strict=True):
        head = commit.content.partition(b"\n\n")[0] if commit is not None else b""
        if b"\ngpgsig" in head:
            yield oid


def _asked(repository: Repository, oids: Sequence[str]) -> dict[str, Signature]:
    """Ask git, and again for each half where it gives up on one, such as of a kind unknown to it.

    Of that one nothing is returned.
    """
    try:
        found = dict(_read(_log(repository, oids, _FORM)))
    except GitCommandFailed:
        half = len(oids) // 2
        return _asked(repository, oids[:half]) | _asked(repository, oids[half:]) if half else {}
    least = _least(repository)
    good = [oid for oid, one in found.items() if one.is_good] if least else []
    for line in _log(repository, good, "%H %GT") if good else ():
        oid, _, level = line.partition(" ")
        if level not in _LEVELS or _LEVELS.index(level) < least:
            found[oid] = replace(found[oid], state="untrusted")
    return found


def _log(repository: Repository, oids: Sequence[str], form: str) -> list[str]:
    """Return what git says of commits; `%GT` of good ones alone, as git may abort at others."""
    command = ("log", "--no-walk=unsorted", "-z", f"--format={form}")
    settings = ("-c", f"gpg.ssh.allowedSignersFile={_signers(repository)}")
    names = "".join(f"{oid}\n" for oid in oids).encode()
    listed = repository.git(*settings, *command, "--stdin", "--", stdin=names)
    return listed.decode(errors="replace").removesuffix("\0").split("\0")


def _signers(repository: Repository) -> str:
    """Return the file of those who are trusted; without any, git would not even look."""
    return repository.config.get("gpg.ssh.allowedsignersfile") or os.devnull


def _least(repository: Repository) -> int:
    """Return from which level on git itself trusts a signature."""
    wanted = repository.config.get("gpg.mintrustlevel", "").lower()
    return _LEVELS.index(wanted) if wanted in _LEVELS else 0


def _read(fields: Sequence[str]) -> Iterator[tuple[str, Signature]]:
    for at in range(0, len(fields) - _FIELDS + 1, _FIELDS):
        oid, mark, signer, fingerprint, key, said = fields[at : at + _FIELDS]
        state = _STATES.get(mark, "none")
        if mark == "U" and any(words in said for words in _SSH_EXPIRED):
            state = "expired"
        if mark == "B" and not said:
            state = "unchecked"  # of ssh, if its program is not installed
        yield oid, Signature(state, signer or None, fingerprint or key or None)


def vouched_for(repository: Repository, oids: Sequence[str]) -> dict[str, Signature]:
    """Return the commits for which a signed tag of somebody trusted vouches.

    That is how a commit is signed later. Two processes of git in all, if there are few tags. Its
    name is what was signed, and not that of the ref, which anybody may have chosen.
    """
    wanted = frozenset(oids)
    form = "--format=%(objecttype) %(*objectname) %(refname) %(tag)"
    tags: dict[str, str] = {}
    for line in repository.line("for-each-ref", form, "refs/tags").split("\n"):
        kind, _, rest = line.partition(" ")  # a name may have what Python ends lines at
        oid, _, names = rest.partition(" ")
        ref, _, name = names.partition(" ")
        if kind == "tag" and oid in wanted and can_vouch(name):
            tags[ref] = oid
    found: dict[str, Signature] = {}
    least = max(_least(repository), _LEVELS.index("marginal"))
    settings = ("-c", f"gpg.minTrustLevel={_LEVELS[least]}")
    refs = list(tags)
    for start in range(0, len(refs), _AT_ONCE):
        some = refs[start : start + _AT_ONCE]
        command = (*settings, "verify-tag", "--format=%(objectname)", *some)
        said = os.fsdecode(repository.attempt(*command).stdout).split()
        if not said:
            continue
        oid_of = dict(zip(some, repository.line("rev-parse", *some).split(), strict=True))
        for ref in some:
            if oid_of[ref] in said:
                name = ref.removeprefix("refs/tags/")
                found.setdefault(tags[ref], Signature("good", tag=name))
    return found


def signatures_of(
    repository: Repository, oids: Sequence[str], checked: Checked = lambda _: None
) -> dict[str, Signature]:
    """Return the signature of each commit; of one that has none, that of a tag on it."""
    found = read_signatures(repository, oids, checked)
    bare = [oid for oid, one in found.items() if one.state == "none"]
    return {**found, **vouched_for(repository, bare)} if bare else found
