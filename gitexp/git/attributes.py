"""A block of lines in a `.gitattributes` file that comes and goes without a trace."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BEGIN = "# >>> gitexp: params, metrics and pointers by their keys"
_OPEN = " (after a line without an end)"
_END = "# <<< gitexp"
_BLOCK = re.compile(
    rf"(?P<open>\r?\n)?^{re.escape(_BEGIN)}(?P<was_open>{re.escape(_OPEN)})?\r?\n"
    rf".*?^{re.escape(_END)}(?:\r?\n|\Z)",
    re.MULTILINE | re.DOTALL,
)


def with_block(text: str, lines: Iterable[str]) -> str:
    """Return the file with the block at its end, or with new lines in the block it has.

    >>> with_block("*.png binary", ["*.dvc diff=gitexp"]).splitlines()[1:3]
    ['# >>> gitexp: params, metrics and pointers by their keys (after a line without an end)', \
'*.dvc diff=gitexp']
    """
    written = "".join(f"{line}\n" for line in (*lines, _END))
    found = _BLOCK.search(text)
    if found is not None:
        start = found.start() + len(found["open"] or "")
        mark = _OPEN if found["was_open"] else ""
        return f"{text[:start]}{_BEGIN}{mark}\n{written}{text[found.end() :]}"
    if text and not text.endswith("\n"):
        return f"{text}\n{_BEGIN}{_OPEN}\n{written}"
    return f"{text}{_BEGIN}\n{written}"


def without_block(text: str) -> str:
    r"""Return the file as it was before the block came.

    >>> without_block(with_block("*.png binary", ["*.dvc diff=gitexp"]))
    '*.png binary'
    """
    found = _BLOCK.search(text)
    if found is None:
        return text
    start = found.start() if found["was_open"] else found.start() + len(found["open"] or "")
    return text[:start] + text[found.end() :]


def attribute_line(pattern: str, attributes: str) -> str:
    r"""Return a line for the paths that match a pattern of `gitexp.yaml`.

    >>> attribute_line("my params.yaml", "diff=gitexp")
    '"/my params.yaml" diff=gitexp'
    """
    anchored = f"/{pattern.lstrip('/')}"
    if re.search(r'[\s"\\]', anchored) or not anchored.isascii():
        quoted = anchored.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" {attributes}'
    return f"{anchored} {attributes}"
