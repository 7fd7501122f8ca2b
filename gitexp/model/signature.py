"""What is known of the signature on a commit, as a value."""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

SignatureState = Literal["good", "untrusted", "expired", "revoked", "bad", "unchecked", "none"]

_WORDS: dict[SignatureState, str] = {
    "good": "good",
    "untrusted": "right, but nobody here trusts the key",
    "expired": "of a key, or itself, past its date",
    "revoked": "of a key that was revoked",
    "bad": "bad: this is not what was signed, or the key was revoked",
    "unchecked": "there, but git cannot check it here",
    "none": "none",
}
_TAKES_BACK = re.compile(r"[^@#]+(?:[@#][^!]+!|@deprecated)(?:#\d+)?")
"""Names of GTO's tags that end a version, a stage or a model."""


class Signature(Struct, frozen=True):
    """A signature, or that there is none, as git and its signer judge it."""

    state: SignatureState = "none"
    signer: str | None = None
    """Whose key it is, as far as that is known here."""
    key: str | None = None
    """The fingerprint or the id of the key."""
    tag: str | None = None
    """The signed tag that vouches for a commit which has no signature of its own."""

    @property
    def is_good(self) -> bool:
        """Whether the commit is what somebody has signed who is trusted here."""
        return self.state == "good"

    @property
    def is_forged(self) -> bool:
        """Whether it is worse than none."""
        return self.state in ("bad", "revoked")

    @property
    def words(self) -> str:
        """The state as a phrase.

        >>> Signature("good", "ada@example.com").words, Signature().words
        ('good, by ada@example.com', 'none')
        """
        if self.tag is not None:
            return f"good, by the tag '{self.tag}'"
        by = f", by {self.signer}" if self.state == "good" and self.signer else ""
        return f"{_WORDS[self.state]}{by}"


def can_vouch(tag: str) -> bool:
    """Return whether whoever signs a tag of that name stands for its commit.

    >>> [can_vouch(one) for one in ("signed/otter", "digits@v1.0.0", "digits#prod#2")]
    [True, True, True]
    >>> [can_vouch(one) for one in ("digits@v1.0.0!", "digits#prod!#3", "digits@deprecated")]
    [False, False, False]
    """
    return _TAKES_BACK.fullmatch(tag) is None


NOT_SIGNED = Signature()
