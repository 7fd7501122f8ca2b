"""Whether a clone and its remote are ordinary ones, as far as git's configuration and a look tell.

Nothing is imported for it that a plain push does without.
"""

from __future__ import annotations

import os

from gitexp.sharing.plain_runs import NotPlain

_MUST_BE_EMPTY = ("waiting", "journal", "runs")
_MUST_NOT_BE = (
    "shallow",
    "commondir",
    "gitexp/data-left",
    "gitexp/tags-left",
    "gitexp/afterwards/push.json",
    "gitexp/purged.json",
)
_HOOK = ".git/hooks/pre-push"
_OURS = b"`gitexp hooks uninstall`"
_FOLDERS = ("/", "./", "../", "file://")
"""How the URLs of remotes begin that git reaches without asking anybody for a password."""


def look_aside() -> None:
    """Raise NotPlain if a run is under way or waits, or a push has left something to do."""
    if any(os.path.lexists(f".git/{name}") for name in _MUST_NOT_BE):
        raise NotPlain
    for name in _MUST_BE_EMPTY:
        place = f".git/gitexp/{name}"
        if os.path.isdir(place) and os.listdir(place):
            raise NotPlain
    if os.path.islink(".dvc"):
        raise NotPlain
    pending = ".git/refs/gitexp/pending"
    if os.path.isdir(pending) and os.listdir(pending):
        raise NotPlain
    if os.path.exists(".git/packed-refs"):
        with open(".git/packed-refs", "rb") as file:
            if b" refs/gitexp/pending/" in file.read():
                raise NotPlain


class Settings:
    """What git's configuration says of a clone."""

    def __init__(self, listed: bytes) -> None:
        """Take what `git config --list -z` prints."""
        self._entries = os.fsdecode(listed).split("\0")
        pairs = (one.partition("\n") for one in self._entries)
        self._last = {name: value for name, _, value in pairs}

    @property
    def has_sha1(self) -> bool:
        """Whether objects have names of that kind."""
        return self._last.get("extensions.objectformat", "sha1") == "sha1"

    def remote(self, named: str | None, branch: str) -> str:
        """Return the remote to push a branch to; raises NotPlain if anything is special."""
        last = self._last
        if (
            last.get("core.bare") != "false"
            or "core.worktree" in last
            or _has_hook(last)
            or last.get("extensions.refstorage", "files") != "files"
            or any(one.endswith((".promisor", ".partialclonefilter")) for one in last)
            or "extensions.partialclone" in last
        ):
            raise NotPlain
        name = named if named is not None else last.get(f"branch.{branch}.remote", "origin")
        places = [one for one in self._entries if one.startswith(f"remote.{name}.fetch\n")]
        urls = [one for one in self._entries if one.startswith(f"remote.{name}.url\n")]
        if (
            len(urls) != 1  # git pushes to each, and stops where one fails
            or not name.isascii()
            or f"remote.{name}.pushurl" in last
            or places != [f"remote.{name}.fetch\n+refs/heads/*:refs/remotes/{name}/*"]
        ):
            raise NotPlain
        return name

    def is_folder(self, remote: str) -> bool:
        """Return whether a remote is known to be a folder: nobody is asked for a password then."""
        is_other = any(one.startswith("url.") for one in self._last)
        return self._last[f"remote.{remote}.url"].startswith(_FOLDERS) and not is_other


def _has_hook(config: dict[str, str]) -> bool:
    """Return whether a hook looks at pushes that is not ours, which has nothing to do here."""
    if any(one == "core.hookspath" or one.startswith("hook.") for one in config):
        return True
    try:
        with open(_HOOK, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return os.path.lexists(_HOOK)
    alone = _OURS in content and b"\nearlier=''\n" in content
    return not alone or os.path.lexists(f"{_HOOK}.before-gitexp")
