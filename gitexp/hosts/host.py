"""What a review asks of a host, whichever it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

from gitexp.errors import GitexpError

HostName = Literal["github", "gitlab"]
State = Literal["passed", "failed", "error"]


class PullRequest(Struct, frozen=True):
    """The pull request that CI runs for, as the host's variables say; or a push, or a queue's."""

    host: HostName
    api: str
    """Where the REST API is, without a slash at its end."""
    repository: str
    """`owner/name`, or the number of a GitLab project."""
    number: int | None
    """None for a push and a merge queue, on which nobody can comment."""
    base: str | None
    """The branch that the change is for, or a commit of it; None for a push of a new branch."""
    head: str
    """The oid of the last commit of the change."""
    head_label: str
    """The branch of the change."""
    head_repository: str
    """Where the commit is: a fork's, on GitLab."""
    run_url: str | None = None
    """Where the log of CI is."""
    is_push: bool = False
    """Whether it is a push of a branch, which may have a pull request of its own."""
    ca_file: str | None = None
    """The certificates by which a host of one's own is known."""


class Comment(Struct, frozen=True):
    """One comment, as far as it matters here."""

    id: int
    author: str
    body: str


class HostFailed(GitexpError):
    """A host did not do what was asked."""


class HostRefused(HostFailed):
    """The token may not do that: a fork's only reads."""


class NotThere(HostFailed):
    """What was asked for is not there, or not for this token to see."""


class Host(Protocol):
    """What can be said on a pull request, and where."""

    limit: int
    """The most bytes of a comment."""

    def open_base(self) -> str | None:
        """Return the branch that an open pull request of this branch is for, if there is one."""

    def own_account(self) -> str:
        """Return the name that the token's comments stand under."""

    def comments(self) -> Sequence[Comment]:
        """Return all comments of the pull request."""

    def create(self, body: str) -> str:
        """Write a comment and return its address."""

    def update(self, comment: Comment, body: str) -> str:
        """Rewrite a comment and return its address; raises NotThere if it is gone."""

    def set_status(self, context: str, state: State, description: str) -> None:
        """Set the status of the commit under a name."""
