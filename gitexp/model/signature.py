"""What is known of the signature on a commit, as a value."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

SignatureState = Literal["good", "untrusted", "expired", "revoked", "bad", "none"]

_WORDS: dict[SignatureState, str] = {
    "good": "good",
    "untrusted": "right, but nobody here trusts the key",
    "expired": "of a key, or itself, past its date",
    "revoked": "of a key that was revoked",
    "bad": "bad: this is not what was signed, or the key was revoked",
    "none": "none",
}


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


NOT_SIGNED = Signature()
