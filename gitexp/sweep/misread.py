"""What is wrong with a word of a space that Hydra cannot read, in words of ours."""

from __future__ import annotations

import difflib
import re

from gitexp.errors import GitexpError

_FUNCTIONS = ("interval", "range", "choice", "tag", "sort", "int", "float", "str", "bool")
_ELSEWHERE = {
    "loguniform": "tag(log,interval({0}))",
    "log_uniform": "tag(log,interval({0}))",
    "qloguniform": "tag(log,interval({0}))",
    "logspace": "tag(log,interval({0}))",
    "log": "tag(log,interval({0}))",
    "uniform": "interval({0})",
    "quniform": "interval({0})",
    "between": "interval({0})",
    "randint": "int(interval({0}))",
    "integer": "int(interval({0}))",
    "arange": "range({0})",
    "linspace": "interval({0})",
    "grid": "choice({0})",
    "categorical": "choice({0})",
}
"""What other libraries call it."""
_CALLED = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\s*\((?=([^()]*))")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_CLOSING = {")": "(", "]": "[", "}": "{"}


def misread(text: str) -> GitexpError | None:
    """Return what is wrong with an axis, where that can be said better than the parser does.

    >>> misread("x=intervall(0.1,1)").hint
    'Did you mean `x=interval(0.1,1)`?'
    """
    key, equals, value = text.partition("=")
    if not equals:
        return GitexpError(f"'{text}' gives no values to try", f"Write `{text}=1,2`, say.")
    bare = _QUOTED.sub("''", value)
    if value.strip() != "," and value.rstrip().endswith(","):
        return GitexpError(
            f"'{text}' ends in a comma",
            f"Write the values with no space after the comma: `{text.rstrip()}…`.",
        )
    odd = _unbalanced(bare)
    if odd is not None:
        return GitexpError(f"'{text}' has {odd}", "Write `depth='range(2,10,2)'`, say.")
    unknown = [match for match in _CALLED.finditer(bare) if match[1] not in _FUNCTIONS]
    if not unknown:
        return None
    name, inner = unknown[0].groups()
    said = f"'{text}' calls '{name}', which there is not"
    pattern = _ELSEWHERE.get(name.lower())
    close = difflib.get_close_matches(name.lower(), _FUNCTIONS, n=1)
    if pattern is None and not close:
        calls = ", ".join(f"`{one}(…)`" for one in _FUNCTIONS[:3])
        return GitexpError(said, f"There are {calls}; quote what is a text: `{key}='\"…\"'`.")
    meant = pattern or f"{close[0]}({{0}})"
    whole = bare == f"{name}({inner})"
    call = meant.format(inner.replace(" ", "") if whole else "…")
    return GitexpError(
        said, f"Did you mean `{key}={call}`?" if whole else f"Did you mean `{call}`?"
    )


def _unbalanced(bare: str) -> str | None:
    """Return which bracket has no other half."""
    opened: list[str] = []
    for character in bare:
        if character in _CLOSING.values():
            opened.append(character)
        elif character in _CLOSING and (not opened or opened.pop() != _CLOSING[character]):
            return f"a '{character}' that closes nothing"
    return f"a '{opened[-1]}' that is not closed" if opened else None
