"""A part of a regular expression whose first match is the only one that is tried.

It is what `(?>…)` is from Python 3.11 on: what was looked ahead for is never tried twice, so that
an expression takes no longer than its length times that of the text, whoever wrote it.
"""


def once(expression: str, name: str) -> str:
    """Return an expression that matches likewise; the name is that of a group, and its own.

    >>> import re
    >>> bool(re.match(once("a+", "k") + "ab", "aaab")), bool(re.match("a+ab", "aaab"))
    (False, True)
    """
    return f"(?=(?P<{name}>{expression}))(?P={name})"
