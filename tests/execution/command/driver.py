"""A program that runs one command as `gitexp run` does, for tests that need a process to kill.

It is started as `driver.py LOG COMMAND...` and leaves what it learned in LOG.json.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from gitexp.execution.command.child import start


def main() -> None:
    """Run the command that the arguments name."""
    log, *argv = sys.argv[1:]
    limit = os.environ.get("DRIVER_TIMEOUT")
    with start(
        argv, cwd=Path.cwd(), env=os.environ, log=Path(log), timeout=float(limit) if limit else None
    ) as child:
        ended = child.wait()
    told = {"code": ended.code, "signal": ended.signal, "reason": ended.reason}
    Path(f"{log}.json.new").write_text(json.dumps(told))
    Path(f"{log}.json.new").rename(f"{log}.json")


if __name__ == "__main__":
    main()
