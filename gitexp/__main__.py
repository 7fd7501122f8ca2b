"""`gitexp` as a program, and `python -m gitexp`: what is plain is done before all imports."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # typing's own takes 3 ms
if TYPE_CHECKING:
    from typing import NoReturn


def entry() -> NoReturn:
    """Do a plain push at once; all else is for click and the commands."""
    _open_ends()
    if sys.argv[1:2] == ["push"]:
        # 2 ms, for a push alone
        from gitexp.sharing.plain_push import push_plainly  # noqa: PLC0415 - as above
        from gitexp.version import __version__  # noqa: PLC0415 - as above

        code = push_plainly(sys.argv[2:], __version__)
        if code is not None:
            os._exit(code)
    from gitexp.cli.main import entry as enter  # noqa: PLC0415 - 20 ms, click among it

    enter()


def _open_ends() -> None:
    """Lead nowhere what whoever started this has closed, as git does.

    Else the next file that is opened takes its place: the index, say, for what is to be said.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)  # has the lowest number that is free
            os.set_inheritable(nowhere, True)
            setattr(sys, name, open(nowhere, mode, closefd=False))  # noqa: SIM115 - for good


if __name__ == "__main__":
    entry()
