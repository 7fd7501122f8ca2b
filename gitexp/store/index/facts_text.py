"""Late facts as the search index holds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from msgspec import convert, to_builtins

from gitexp.model.evaluation import Evaluation
from gitexp.model.facts import Facts
from gitexp.model.record import Comment
from gitexp.model.values import Value, dumps, loads
from gitexp.model.verification import Verified


def facts_text(facts: Facts) -> str:
    """Return facts as the index holds them."""
    return dumps(cast("Mapping[str, Value]", to_builtins(facts)))


def facts_from(text: str) -> Facts:
    """Return the facts that a text holds; raises ValueError or TypeError if it is damaged."""
    try:
        return _facts(text)
    except (AttributeError, KeyError) as error:
        raise ValueError("these are no facts") from error


def _facts(text: str) -> Facts:
    found = cast("dict[str, Any]", loads(text))
    comments = tuple(Comment(**comment) for comment in found.pop("comments"))
    lists = {name: tuple(found.pop(name)) for name in ("tags", "untagged", "notes")}
    verified = found.pop("verified")
    evaluations = convert(found.pop("evaluations"), tuple[Evaluation, ...])
    known: dict[str, Any] = {
        **found,
        **lists,
        "comments": comments,
        "verified": convert(verified, Verified) if verified is not None else None,
        "evaluations": evaluations,
    }
    return Facts(**known)
