"""The kinds of files that are damaged, and what each of them is to gitexp."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from random import Random


@dataclass(frozen=True)
class Kind:
    """Files that mean the same to gitexp."""

    name: str
    patterns: tuple[str, ...]
    derived: bool = False
    """Whether it is made anew from what is left, so that nobody need hear of it."""
    mended: bool = False
    """Whether a command may put the right content back."""
    may_be_new: bool = False
    """Whether to take away the search index as well, half of the times: it knows the runs."""
    calls: tuple[str, ...] = ()
    """What is asked beside what is always asked."""


_GIT, _OWN = "work/.git", "work/.git/gitexp"
KINDS = {
    one.name: one
    for one in (
        Kind(
            "refs",
            (f"{_GIT}/packed-refs", f"{_GIT}/refs/*/*", f"{_GIT}/refs/gitexp/*/*"),
            may_be_new=True,
        ),
        Kind("packs", (f"{_GIT}/objects/pack/*",), may_be_new=True, calls=("deep",)),
        Kind("loose objects", (f"{_GIT}/objects/??/*",), may_be_new=True, calls=("deep",)),
        Kind("git's index", (f"{_GIT}/index",), calls=("run",)),
        Kind("search index", (f"{_OWN}/index.sqlite*",), derived=True, calls=("run",)),
        Kind(
            "what was seen before",
            (f"{_OWN}/documents.txt", f"{_OWN}/trees/*", f"{_GIT}/gitexp-look.json"),
            derived=True,
            calls=("run",),
        ),
        Kind("journal", (f"{_OWN}/journal/*",)),
        Kind("a run under way", (f"{_OWN}/runs/*/*",)),
        Kind("logs", (f"{_OWN}/logs/*",), calls=("log",)),
        Kind(
            "DVC's cache", ("work/.dvc/cache/files/md5/*/*",), mended=True, calls=("model", "deep")
        ),
        Kind("hashes", ("site/repo/*/*.db", "site/repo/*/*/*.db"), derived=True, calls=("run",)),
        Kind("hub", ("hub.git/objects/*/*", "hub.git/refs/heads/*"), calls=("pull",)),
        Kind("store", ("store/files/md5/*/*",), calls=("data",)),
    )
}


def damage(place: Path, kind: Kind, lot: Random) -> tuple[Path, str]:
    """Damage a file of a kind; return it, and how."""
    found = sorted(path for one in kind.patterns for path in place.glob(one) if path.is_file())
    path = lot.choice([one for one in found if one.stat().st_size])
    content = path.read_bytes()
    if lot.random() < 0.5:
        length = lot.choice((0, lot.randrange(len(content)), len(content) - 1))
        new, how = content[:length], f"{length:,} of {len(content):,} bytes left"
    else:
        at, bit = lot.randrange(len(content)), lot.randrange(8)
        new = content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]
        how = f"bit {bit} of byte {at:,} of {len(content):,} flipped"
    mode, times = path.stat().st_mode, (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.chmod(0o644)
    path.write_bytes(new)
    path.chmod(mode)
    if lot.random() < 0.5:  # a disk says nothing, a program leaves its time
        os.utime(path, ns=times)
    return path, how
