"""How a git that failed is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gitexp.errors import GitexpError


class GitCommandFailed(GitexpError):
    """A git process exited non-zero. Carries what git said, verbatim."""

    def __init__(
        self, args: Sequence[str], status: int, stderr: str, index: Path = Path(".git", "index")
    ) -> None:
        from gitexp.git.damage import hint_for  # noqa: PLC0415 - 1 ms, on the way out alone

        said = stderr.strip()
        hint = hint_for(said, index)
        super().__init__(f"'git {' '.join(args)}' exited with {status}: {said}", hint)
        self.status = status
        self.stderr = stderr

    @property
    def said(self) -> str:
        """The first line that git said, which is what went wrong."""
        lines = self.stderr.strip().splitlines() or [f"exit status {self.status}"]
        words = lines[0].removeprefix("fatal: ").removeprefix("error: ")
        return words.removeprefix("commit: ").removesuffix(".")  # the order of `update-ref`
