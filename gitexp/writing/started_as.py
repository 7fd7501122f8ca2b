"""How this process was started: its words, and the folder it was in."""

from __future__ import annotations

import os
import sys

_NOTEBOOKS = ("ipykernel", "colab", "marimo", "ipython")


def command() -> list[str]:
    """Return how this process was started, as it was typed; for a notebook, its Python alone."""
    words = list(getattr(sys, "orig_argv", [])) or [sys.executable, *sys.argv]
    program = words[0] if os.path.basename(words[0]) != words[0] or _is_found(words[0]) else ""  # noqa: PTH119
    is_notebook = any(one in word for word in words for one in _NOTEBOOKS)
    return [program or sys.executable, *([] if is_notebook else words[1:])]


def began_in() -> str:
    """Return the folder in which this process was started, which the script may have left since.

    Words of the command are relative to it, and Python has made two of them absolute.
    """
    words = list(getattr(sys, "orig_argv", []))
    script = getattr(sys.modules.get("__main__"), "__file__", None) or ""
    pairs = [(word, sys.executable) for word in words[:1] if "/" in word]
    for word, whole in (*pairs, *((word, script) for word in words[1:])):
        ending = f"/{word.removeprefix('./')}"
        folder = whole.removesuffix(ending) if ending != "/" else whole
        if folder not in ("", whole) and os.path.isdir(folder):  # noqa: PTH112 - pathlib takes 5 ms to import
            return folder
    return "."


def _is_found(program: str) -> bool:
    import shutil  # noqa: PLC0415 - 2 ms, once a run

    return shutil.which(program) is not None
