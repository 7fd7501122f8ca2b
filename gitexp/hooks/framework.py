"""What the pre-commit framework says in the environment, as git would have said it."""

from __future__ import annotations

from collections.abc import Mapping

Said = tuple[tuple[str, ...], bytes]
"""The words and the stdin of a hook."""


def as_git_says(name: str, args: tuple[str, ...], said: bytes, env: Mapping[str, str]) -> Said:
    """Return the words and the stdin of a hook, from the environment if that has them.

    Git itself says more than the framework does, even if what it is called by, such as
    tests that make commits, was started by the framework.

    >>> as_git_says("post-merge", (), b"", {"PRE_COMMIT": "1", "PRE_COMMIT_IS_SQUASH_MERGE": "0"})
    (('0',), b'')
    """
    by_git = len(args) > (1 if name == "prepare-commit-msg" else 0)
    if env.get("PRE_COMMIT") != "1" or by_git:
        return args, said

    def get(key: str) -> str:
        return env.get(f"PRE_COMMIT_{key}", "")

    words = {
        "prepare-commit-msg": (*args[:1], get("COMMIT_MSG_SOURCE")),
        "post-checkout": (get("FROM_REF"), get("TO_REF"), get("CHECKOUT_TYPE")),
        "post-merge": (get("IS_SQUASH_MERGE"),),
        "post-rewrite": (get("REWRITE_COMMAND"),),
        "pre-push": (get("REMOTE_NAME"), get("REMOTE_URL")),
    }
    if name == "post-rewrite" and get("REWRITE_COMMAND") == "rebase":
        said = b"ORIG_HEAD HEAD\n"  # of which commits, it does not say
    if name == "pre-push":
        # at the first push of all, it says nothing of commits
        local, old = get("LOCAL_BRANCH"), get("FROM_REF") or "0"
        refs = (local, get("TO_REF") or local, get("REMOTE_BRANCH"), old)
        said = f"{' '.join(refs)}\n".encode()
    return words.get(name, args), said
