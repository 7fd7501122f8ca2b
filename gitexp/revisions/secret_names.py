"""Names of files that hold secrets, whatever is in them."""

from __future__ import annotations

import fnmatch
import re
from functools import lru_cache

from gitexp.model.lazy_pattern import lazy_pattern

_NAMES = (
    ".env*",
    "*.pem",
    "*.key",
    ".netrc",
    ".pypirc",
    "kaggle.json",
    "*credentials*",
    "secrets.*",
)

_SSH_KEY = lazy_pattern(r"id_(?:[^.]+|(?:rsa|dsa|ecdsa|ed25519|xmss)(?![a-z0-9]).*)")

_PRIVATE_FOLDERS = frozenset((".aws", ".gnupg", ".ssh"))


def is_secret_path(path: str) -> bool:
    """Return whether a path names a file that holds secrets, whatever is in it.

    Case does not count. The pattern `id_*` means SSH keys: names without a suffix, or with
    the name of a key type (`id_rsa.bak`), but not public keys and not `id_map.py`. The other
    patterns are meant as they stand: `.env.example` and `secrets.py` are such files too, and
    whoever wants them recorded adds them to git.

    >>> [is_secret_path(path) for path in ("conf/.env", "id_ed25519", "id_map.py", ".ssh/config")]
    [True, True, False, True]
    """
    *folders, name = path.lower().split("/")
    return not _PRIVATE_FOLDERS.isdisjoint(folders) or _is_secret_name(name)


@lru_cache(maxsize=4096)  # where each run has a folder of its own, names come again and again
def _is_secret_name(name: str) -> bool:
    if _SSH_KEY.fullmatch(name):
        return not name.endswith(".pub")
    return _of_secrets().match(name) is not None


@lru_cache(maxsize=1)
def _of_secrets() -> re.Pattern[str]:
    """Return all the patterns as one: a folder may have a hundred thousand names."""
    return re.compile("|".join(map(fnmatch.translate, _NAMES)))
