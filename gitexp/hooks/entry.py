"""A hook as git starts it, with a shell script in between."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.git.place import NoRepository
from gitexp.git.repository import Repository
from gitexp.hooks.call import Call
from gitexp.hooks.framework import as_git_says

_MODULES = {
    "pre-commit": "gitexp.hooks.staged",
    "prepare-commit-msg": "gitexp.hooks.message",
    "post-checkout": "gitexp.hooks.checked_out",
    "post-merge": "gitexp.hooks.checked_out",
    "post-rewrite": "gitexp.hooks.checked_out",
    "pre-push": "gitexp.hooks.pushed",
}
_WITH_INPUT = ("pre-push", "post-rewrite")
_REFUSING = ("pre-commit", "pre-push")
"""Those that `--no-verify` skips: only they may keep anybody from their work."""
_CLEAR = "\r\x1b[K"
_WAY_ROUND = "With `--no-verify`, git goes on anyway."


def start() -> None:
    """Run a hook as a program, and leave at once."""
    code = main(sys.argv[1], sys.argv[2:])
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)


def main(name: str, args: Sequence[str]) -> int:
    """Run a hook; what goes wrong in gitexp itself never keeps anybody from their work."""
    if name not in _MODULES:
        return 0
    try:
        said = sys.stdin.buffer.read() if name in _WITH_INPUT and not sys.stdin.isatty() else b""
        with Repository.open(Path.cwd()) as repository:
            words, said = as_git_says(name, tuple(args), said, os.environ)
            call = Call(repository, words, said, dict(os.environ))
            hook = importlib.import_module(_MODULES[name])
            return int(getattr(hook, name.replace("-", "_"))(call))
    except NoRepository:
        return 0
    except GitexpError as error:
        tell(str(error) if name in _REFUSING else f"warning: {error}")
        hint = error.hint or (_WAY_ROUND if name in _REFUSING else None)
        if hint is not None:
            tell(f"hint: {hint}")
        return 1 if name in _REFUSING else 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - as the docstring says
        tell(f"warning: the hook '{name}' failed: {type(error).__name__}: {error}")
        return 0


def tell(text: str) -> None:
    """Say something to whoever called git; names in it may be those of a stranger's branch."""
    from gitexp.model.text import harmless_lines  # noqa: PLC0415 - 0.8 ms, most hooks say nothing

    with contextlib.suppress(OSError):
        sys.stderr.write(f"gitexp: {harmless_lines(text)}\n")


@contextlib.contextmanager
def progress_line() -> Iterator[Callable[[str], None] | None]:
    """Give a function that shows a text in place of the last; None if nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield _show
    finally:
        _show("")


def _show(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{_CLEAR}{text}")
        sys.stderr.flush()
