"""What a remote still has of a branch that a purge has rewritten: tags and branches on its commits.

Whoever promoted a run, or made a branch of it, has put its commit under a name of their own.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable

from gitexp.errors import GitexpError
from gitexp.git.remotes import Remote

_ASKED = ("refs/heads/*", "refs/tags/*")
_PEELED = "^{}"
_SHOWN = 3


def tell_kept(remote: Remote, before: str, tip: str, tell: Callable[[str], None]) -> None:
    """Name the refs of a remote on commits that its branch no longer has, from `before` to `tip`.

    What was purged is in each of those, or below it. That this cannot be found out fails nothing:
    the branch is there by now.
    """
    try:
        commits = set(remote.repository.line("rev-list", before, f"^{tip}").split())
        there = remote.tips(*_ASKED)
    except GitexpError as failed:
        tell(f"warning: whether '{remote.name}' has it under another name is not known: {failed}")
        return
    found = {ref.removesuffix(_PEELED) for ref, oid in there.items() if oid in commits}
    if found:
        refs = sorted(found)
        named = ", ".join(f"'{ref}'" for ref in refs[:_SHOWN])
        more = ", …" if len(refs) > _SHOWN else ""
        has = "have" if len(refs) > 1 else "has"
        tell(f"warning: {named}{more} on '{remote.name}' still {has} what was purged")
        command = shlex.join(["git", "push", "--delete", remote.name, *refs])
        tell(
            f"hint: `{command}` takes it out; a clone that has fetched it keeps it until it is "
            "deleted there as well."
        )
