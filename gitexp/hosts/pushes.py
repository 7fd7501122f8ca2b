"""What the push of a branch is compared with: a pull request of that branch may be open."""

from __future__ import annotations

from msgspec.structs import replace

from gitexp.hosts.host import Host, HostFailed, PullRequest
from gitexp.hosts.posting import Tell


def with_open_base(push: PullRequest, host: Host, tell: Tell) -> PullRequest:
    """Return the push, for the branch that an open pull request of its branch is for.

    CI runs for the push and for the pull request, and both set one status: it must not depend
    on which of them ends last.
    """
    try:
        base = host.open_base()
    except HostFailed as lack:
        tell(f"note: it is not known whether '{push.head_label}' has a pull request: {lack}")
        return push
    if base is None:
        return push
    tell(f"note: '{push.head_label}' has a pull request, so this compares with '{base}'")
    return replace(push, base=base, is_push=False)
