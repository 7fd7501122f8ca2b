"""What the last push found out about the settings, read without an import."""

from __future__ import annotations

import os
import stat

from gitexp.sharing.plain_runs import NotPlain

_MEMO = ".git/gitexp/plain-push"
_CONFIG = "gitexp.yaml"


class Memo:
    """What the last push found out about the settings, and holds for as long as they are these."""

    def __init__(self, version: str, branch: str, there: str, settings: bytes | None) -> None:
        self.branch, self.there, self._settings = branch, there, settings
        self._version = version

    def text(self) -> bytes:
        """Return it as it is kept."""
        head = f"{self._version}\n{self.branch}\n{self.there}\n"
        return head.encode() + (b"none" if self._settings is None else b"\n" + self._settings)

    @classmethod
    def read(cls, version: str) -> Memo:
        """Return the one that is kept; raises NotPlain if the settings are other ones by now."""
        with open(_MEMO, "rb") as file:
            kept = file.read().split(b"\n", 3)
        if len(kept) != 4:  # noqa: PLR2004 - as `text` has it
            raise NotPlain
        branch, there = kept[1].decode(), kept[2].decode()
        found = cls(version, branch, there, _settings())
        if found.text() != b"\n".join(kept):
            raise NotPlain
        return found


def _settings() -> bytes | None:
    """Return the settings at the top of the work tree."""
    try:
        kind = os.lstat(_CONFIG).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(kind):
        raise NotPlain
    with open(_CONFIG, "rb") as file:
        return file.read()
