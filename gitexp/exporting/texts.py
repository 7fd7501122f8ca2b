"""Values as texts, where a format has nothing else for them."""

from __future__ import annotations

from gitexp.model.values import dumps


def plain_text(value: object) -> str:
    """Return a text as it is, a float as Python writes it, anything else as JSON.

    >>> plain_text("a"), plain_text(float("nan")), plain_text(True), plain_text([1])
    ('a', 'nan', 'true', '[1]')
    """
    if isinstance(value, str):
        return value
    return repr(value) if isinstance(value, float) else dumps(value)
