"""The programs that make environments: started, waited for, and their last words kept."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.git.place import clean_environment
from gitexp.model.text import harmless_lines

_LAST = 6
"""Lines of what a program says that are worth repeating when it fails."""

_OURS = frozenset(
    "PYTHONPATH PYTHONHOME VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV UV_PROJECT_ENVIRONMENT"
    " __PYVENV_LAUNCHER__ PIP_TARGET PIP_PREFIX PIP_USER".split()
)
"""Variables that would have a tool work on another environment than the one it is to make."""


class ToolFailed(GitexpError):
    """A program could not do what it was started for."""


def find_tool(*names: str) -> str | None:
    """Return the first of several programs that is installed."""
    return next((name for name in names if shutil.which(name)), None)


def run_tool(
    argv: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> str:
    """Run a program and return its stdout; raise ToolFailed with its last lines."""
    kept = {n: value for n, value in clean_environment(os.environ).items() if n not in _OURS}
    settings = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "NO_COLOR": "1"}
    try:
        ended = subprocess.run(
            [str(word) for word in argv],
            cwd=cwd,
            env={**kept, **settings, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise ToolFailed(f"cannot start '{argv[0]}': {error.strerror}") from error
    out = ended.stdout.decode(errors="replace")
    if ended.returncode != 0:
        said = f"{out}\n{ended.stderr.decode(errors='replace')}"
        raise ToolFailed(f"'{_shown(argv)}' failed:\n{_last_lines(said)}")
    return out


def _shown(argv: Sequence[str | Path]) -> str:
    """Return the words by which a person knows a program: `pip install`, not its paths."""
    words = [Path(str(argv[0])).name, *(str(word) for word in argv[1:])]
    if "-m" in words[:2]:
        words = words[2:]
    return " ".join([word for word in words if not word.startswith(("-", "/"))][:3])


def _last_lines(said: str) -> str:
    lines = [line.rstrip() for line in said.splitlines() if line.strip()]
    return "\n".join(f"  {harmless_lines(line)}" for line in lines[-_LAST:])
