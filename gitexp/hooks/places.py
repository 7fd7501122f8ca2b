"""Where git looks for hooks, and where ours go so that others stay as they are.

In the repository's own folder of hooks, ours takes the place of what is there, which moves
to `NAME.before-gitexp`; the script of the pre-commit framework stays, for it calls
`NAME.legacy`. Where `core.hooksPath` names another folder, which may be under version control
or serve all repositories, nothing is written there: the setting names a folder of ours, whose
scripts pass on to it.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from gitexp.git.repository import Repository
from gitexp.hooks.shim import is_frameworks, is_shim

SETTING = "core.hooksPath"
KEPT = "gitexp.hooksPath"
"""What the repository's own `core.hooksPath` was, where it had one."""


class Places(Struct, frozen=True):
    """The folders of hooks of a repository."""

    folder: Path
    """Where our scripts are, or go."""
    others: str | None
    """The folder that `core.hooksPath` names besides; None where it names none."""
    own_setting: str | None
    """What the repository itself, not the user, says of `core.hooksPath`, ours apart."""
    is_redirected: bool
    """Whether `core.hooksPath` names our folder now."""

    def path(self, name: str) -> Path:
        """Return where our script of a hook is, or is to be."""
        top, legacy = self.folder / name, self.folder / f"{name}.legacy"
        beneath = is_shim(legacy) or is_frameworks(top)
        return legacy if beneath and not is_shim(top) else top

    def earlier(self, name: str) -> Path:
        """Return where that goes which was in the place of our script."""
        return self.folder / f"{name}.before-gitexp"


def find_places(repository: Repository) -> Places:
    """Return where hooks are, by the user's and the repository's settings."""
    redirect = repository.common_dir / "gitexp" / "hooks"
    local = _local(repository, SETTING)
    if local == str(redirect):
        own = _local(repository, KEPT)
        return Places(redirect, own or _users(repository), own, is_redirected=True)
    named = repository.config.get(SETTING.lower())
    if named:
        return Places(redirect, named, local, is_redirected=False)
    return Places(repository.common_dir / "hooks", None, None, is_redirected=False)


def _local(repository: Repository, name: str) -> str | None:
    return _get(repository, "--local", name)


def _users(repository: Repository) -> str | None:
    return _get(repository, "--global", SETTING) or _get(repository, "--system", SETTING)


def _get(repository: Repository, scope: str, name: str) -> str | None:
    found = repository.attempt("config", scope, "--get", name)
    return found.stdout.decode().rstrip("\n") or None if found.returncode == 0 else None
