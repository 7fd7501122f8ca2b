"""The process that compares: one request a line, as JSON, and one answer a line."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from gitexp.contents.answer import MARK
from gitexp.contents.kinds import compare


def main() -> None:
    """Answer until there are no more requests; what libraries print goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        old, new = (Path(os.fsdecode(bytes.fromhex(request[side]))) for side in ("old", "new"))
        answer = compare(old, new, request["name"], unpickle=request["unpickle"])
        print(f"\n{MARK}{json.dumps([answer.equal, answer.why])}", file=answers, flush=True)
