"""Values as texts, where a format has nothing else for them."""

from __future__ import annotations

from urllib.parse import quote_from_bytes

from gitexp.model.values import dumps


def plain_text(value: object) -> str:
    """Return a text as it is, a float as Python writes it, anything else as JSON.

    >>> plain_text("a"), plain_text(float("nan")), plain_text(True), plain_text([1])
    ('a', 'nan', 'true', '[1]')
    """
    if isinstance(value, str):
        return value
    return repr(value) if isinstance(value, float) else dumps(value)


def quoted(text: str) -> str:
    r"""Return a text as it stands in an address; a path that is not UTF-8 by its bytes.

    >>> quoted("m ä.json"), quoted("\udcff"), quoted("\ud800")
    ('m%20%C3%A4.json', '%FF', '%5Cud800')
    """
    try:
        return quote_from_bytes(text.encode(errors="surrogateescape"))
    except UnicodeEncodeError:
        return quote_from_bytes(text.encode(errors="backslashreplace"))
