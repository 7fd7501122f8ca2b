"""Where git looks for hooks, and where ours go so that others stay as they are.

In the repository's own folder of hooks, ours takes the place of what is there, which moves
to `NAME.before-gitexp`; the script of the pre-commit framework stays, because it calls
`NAME.legacy`. If git looks into another folder, by `core.hooksPath` or a symbolic link, that
may be under version control or serve all repositories. So nothing is written there: the setting
names a folder of ours, whose scripts pass on to it.
"""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from gitexp.git.repository import Repository
from gitexp.hooks.shim import is_frameworks, is_shim
from gitexp.store.own import own_folder

SETTING = "core.hooksPath"
KEPT = "gitexp.hooksPath"
"""What the repository's own `core.hooksPath` was, if it had one."""


"""Our folder of hooks, in the git directory that all work trees share."""


class Places(Struct, frozen=True):
    """The folders of hooks of a repository."""

    folder: Path
    """Where our scripts are, or go."""
    others: str | None
    """The folder that git looks into without us, if that is not `folder`."""
    own_setting: str | None
    """What the repository itself, not the user, says of `core.hooksPath`, apart from ours."""
    is_redirected: bool = False
    """Whether `core.hooksPath` names our folder now."""
    has_moved: bool = False
    """Whether it names our folder at the repository's old place: git finds no hook at all."""
    of_work_tree: str | None = None
    """The folder that is set for this work tree alone, before which no other setting counts."""

    def path(self, name: str) -> Path:
        """Return where our script of a hook is, or will be."""
        top, legacy = self.folder / name, self.folder / f"{name}.legacy"
        beneath = is_shim(legacy) or is_frameworks(top)
        return legacy if beneath and not is_shim(top) else top

    def earlier(self, name: str) -> Path:
        """Return where what was in the place of our script goes."""
        return self.folder / f"{name}.before-gitexp"


def find_places(repository: Repository) -> Places:
    """Return where hooks are, by the user's and the repository's settings."""
    redirect, usual = redirect_folder(repository), repository.common_dir / "hooks"
    named = _named(repository, SETTING)
    if "worktree" in named:
        return Places(redirect, named["worktree"], None, of_work_tree=named["worktree"])
    local, users = named.get("local"), named.get("global") or named.get("system")
    if local is not None and _is_ours(local, redirect):
        own = _named(repository, KEPT).get("local")
        has_moved = local != str(redirect)
        before = own or users or str(usual)
        return Places(redirect, before, own, is_redirected=True, has_moved=has_moved)
    others = local or users or (str(usual) if usual.is_symlink() else None)
    return Places(redirect, others, local) if others else Places(usual, None, None)


def redirect_folder(repository: Repository) -> Path:
    """Return our folder of hooks, whether or not there is one."""
    return own_folder(repository).hooks


def _is_ours(setting: str, redirect: Path) -> bool:
    """Return whether a folder is ours, here or at the repository's old place."""
    if setting == str(redirect):
        return True
    return Path(setting).parts[-2:] == redirect.parts[-2:] and any(map(is_shim, redirect.glob("*")))


def _named(repository: Repository, setting: str) -> dict[str, str]:
    """Return a setting by whose it is: system, global, local, worktree; included files count."""
    found = repository.attempt("config", "--show-scope", "-z", "--get-all", setting)
    fields = os.fsdecode(found.stdout).split("\0")[:-1]
    return dict(zip(fields[::2], fields[1::2], strict=True))
