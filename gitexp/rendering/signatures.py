"""What `gitexp verify-signatures` shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import get_args

from msgspec import Struct
from msgspec.structs import asdict, astuple

from gitexp.model.numbers import counted
from gitexp.model.signature import Signature, SignatureState
from gitexp.rendering.table import BLANK, Column, Document, Flat, Table

_COLUMNS = (
    Column("run", "name"),
    Column("signature", limit=0),
    Column("key", "name", rank=1, by_its_end=True),
)


class SignedRun(Struct, frozen=True):
    """A run, and what is known of its signature."""

    id: str
    name: str
    oid: str
    state: SignatureState
    signer: str | None
    key: str | None
    tag: str | None
    """The signed tag that vouches for it."""
    words: str

    @classmethod
    def of(cls, run_id: str, name: str, oid: str, signature: Signature) -> SignedRun:
        """Return a run with its signature."""
        one = signature
        return cls(run_id, name, oid, one.state, one.signer, one.key, one.tag, one.words)


def signatures_document(runs: Sequence[SignedRun]) -> Document:
    """Show each run's signature as a line, and how many there are of each kind below."""
    return Document(
        data=lambda: [asdict(one) for one in runs],
        flat=lambda: Flat(
            SignedRun.__struct_fields__,
            [["" if cell is None else cell for cell in astuple(one)] for one in runs],
        ),
        tables=lambda: [
            Table(_COLUMNS, [(one.name, one.words, one.key or BLANK) for one in runs], header=True)
        ],
        notes=(_ending(runs),) if len(runs) > 1 else (),
    )


def _ending(runs: Sequence[SignedRun]) -> str:
    return f"{counted(len(runs), 'run')}: {', '.join(_counts(runs))}"


def _counts(runs: Sequence[SignedRun]) -> Iterator[str]:
    number = Counter(one.state for one in runs)
    for state in get_args(SignatureState):
        if number[state]:
            yield f"{number[state]:,} {'not signed' if state == 'none' else state}"
