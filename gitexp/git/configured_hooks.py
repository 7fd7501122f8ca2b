"""Hooks that stand in the configuration: since git 2.54, and whatever `core.hooksPath` says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

FALSE = "GITEXP_FALSE"
"""A variable that says so: only from one can git take a setting whose name may hold a `=`."""

READERS = frozenset(
    "cat-file check-attr check-ignore check-mailmap config diff diff-files diff-index "
    "diff-tree for-each-ref fsck hash-object log ls-files ls-tree merge-base rev-list rev-parse "
    "show show-index show-ref status var".split()
)
"""Commands that start no hook, as far as we use them: `diff` and `status` write no index."""


def hooks_off(args: Sequence[str], settings: Callable[[], Iterable[str]]) -> list[str]:
    """Return the options that turn off the hooks which a command of git's may start.

    `settings` reads the names of all settings, which say what hooks there are.

    >>> settings = ["core.bare", "hook.lint.event", "hook.lint.command", "hook.jobs"]
    >>> hooks_off(["add", "a.py"], lambda: settings), hooks_off(["log"], lambda: settings)
    (['--config-env=hook.lint.enabled=GITEXP_FALSE'], [])
    """
    if _subcommand(args) in READERS:
        return []
    parts = (name.rpartition(".") for name in settings() if name.startswith("hook."))
    hooks = dict.fromkeys(hook for hook, _, key in parts if key in {"command", "event"})
    return [f"--config-env={hook}.enabled={FALSE}" for hook in hooks]


def _subcommand(args: Sequence[str]) -> str:
    """Return which command of git's the arguments call, after options and their values.

    >>> _subcommand(["-c", "core.fsmonitor=false", "--literal-pathspecs", "add", "-f"])
    'add'
    """
    values = {at + 1 for at, arg in enumerate(args) if arg == "-c"}
    words = (arg for at, arg in enumerate(args) if at not in values and not arg.startswith("-"))
    return next(words, "")
