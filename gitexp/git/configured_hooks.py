"""Hooks that stand in the configuration: since git 2.54, and whatever `core.hooksPath` says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

FALSE = "GITEXP_FALSE"
"""A variable that says so: only from one can git take a setting whose name may hold a `=`."""

_READERS = frozenset(
    "cat-file check-attr check-ignore check-mailmap config diff-files diff-index diff-tree "
    "for-each-ref fsck hash-object log ls-files ls-tree merge-base rev-list rev-parse show "
    "show-index show-ref status var".split()
)
"""Commands that start no hook, as far as we use them."""


def hooks_off(settings: Iterable[str]) -> list[str]:
    """Return the options of git that turn off every hook which the names of settings mention.

    >>> hooks_off(["core.bare", "hook.lint.event", "hook.lint.command", "hook.jobs"])
    ['--config-env=hook.lint.enabled=GITEXP_FALSE']
    """
    parts = (name.rpartition(".") for name in settings if name.startswith("hook."))
    hooks = dict.fromkeys(hook for hook, _, key in parts if key in {"command", "event"})
    return [f"--config-env={hook}.enabled={FALSE}" for hook in hooks]


def may_run_hooks(args: Sequence[str]) -> bool:
    """Return whether a command of git's may start a hook."""
    return _subcommand(args) not in _READERS


def _subcommand(args: Sequence[str]) -> str:
    """Return which command of git's the arguments call, after options and their values.

    >>> _subcommand(["-c", "core.fsmonitor=false", "--literal-pathspecs", "add", "-f"])
    'add'
    """
    values = {at + 1 for at, arg in enumerate(args) if arg == "-c"}
    words = (arg for at, arg in enumerate(args) if at not in values and not arg.startswith("-"))
    return next(words, "")
