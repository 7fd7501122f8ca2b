"""`gitexp.yaml` with what was found in it, every other setting as a comment."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from gitexp.survey.proposals import Setting

_WIDTH = 92


def with_settings(template: str, settings: Iterable[Setting]) -> str:
    """Return the template with settings in place of the comments that show their defaults.

    >>> with_settings("# What.\\n#params: [a]\\n", [Setting("params", "params: [b]", "b is read.")])
    '# What.\\n# Found: b is read.\\nparams: [b]\\n'
    """
    for one in settings:
        why = textwrap.wrap(f"Found: {one.why}", _WIDTH, break_on_hyphens=False)
        reason = "".join(f"# {line}\n" for line in why)
        text = f"{reason}{one.text}\n"
        start = re.compile(rf"^#{re.escape(one.key)}:.*\n", re.MULTILINE)
        template = start.sub(lambda _, text=text: text, template, count=1)  # type: ignore[misc]
    return template
