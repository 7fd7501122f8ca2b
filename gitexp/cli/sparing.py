"""What is not imported though a library of ours asks for it."""

from __future__ import annotations

import sys

_EXTENSIONS = "typing_extensions"


def import_msgspec() -> None:
    """Import msgspec without `typing_extensions`, which takes as long as a tenth of gitexp: 2.5 ms.

    msgspec only reads types with it that were written with it, and does without where it is not
    installed. Whoever asks for it later gets it.
    """
    if {_EXTENSIONS, "msgspec"} & sys.modules.keys():
        return
    sys.modules[_EXTENSIONS] = None  # type: ignore[assignment]  # "not there", to the import system
    try:
        import msgspec  # noqa: F401, PLC0415 - 7 ms, not for the version or the help alone
    finally:
        del sys.modules[_EXTENSIONS]
