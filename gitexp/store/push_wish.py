"""Whether the user wants the runs of this clone pushed, by git's configuration."""

from __future__ import annotations

from msgspec import Struct

from gitexp.git.repository import Repository

PUSH, AFTER_RUN = "gitexp.push", "after-run"

_OFF = ("", "never", "false", "no", "off")
_OF_THIS_CLONE = ("local", "worktree", "command")


class PushWish(Struct, frozen=True):
    """What the configuration says of it."""

    value: str = ""
    """In small letters."""
    is_here: bool = False
    """Whether it is set for this clone: a yes for all clones would be one for those of strangers,
    too, who say where data goes."""

    @property
    def is_off(self) -> bool:
        """Whether it says no, or nothing."""
        return self.value in _OFF

    @property
    def counts(self) -> bool:
        """Whether this clone is to be pushed after each run."""
        return self.value == AFTER_RUN and self.is_here


def push_wish(repository: Repository) -> PushWish:
    """Return what is wanted in a clone; a process of git where anything is set."""
    if PUSH not in repository.config:
        return PushWish()
    listed = repository.attempt("config", "--show-scope", "--get-all", PUSH)
    lines = listed.stdout.decode(errors="replace").splitlines()
    said = [(scope, value) for scope, _, value in (line.partition("\t") for line in lines)]
    here = [value for scope, value in said if scope in _OF_THIS_CLONE]
    value = (here or [value for _, value in said] or [""])[-1]
    return PushWish(value.strip().lower(), bool(here))
