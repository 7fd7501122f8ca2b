"""Pictures that a script keeps with its run, written as their library writes them."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from typing import Any

from gitexp.writing.numbers import NotANumber

FOLDER = "figures"
_SAFE = re.compile(r"[^0-9A-Za-z._-]+")
_LONGEST = 80
_BEGINNINGS = {
    b"\x89PNG": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF8": ".gif",
    b"RIFF": ".webp",
    b"%PDF": ".pdf",
    b"<svg": ".svg",
    b"<?xml": ".svg",
    b"{": ".json",
    b"<": ".html",
}
_DRAWN = (".png", ".svg", ".pdf", ".jpg", ".webp")
"""What matplotlib and Pillow are asked to write by the ending of a name."""


def save(folder: str, name: str, fig: Any) -> str:
    """Write a picture, whole or not at all, and return the name of its file."""
    place = os.path.join(folder, FOLDER)  # noqa: PTH118 - pathlib takes 5 ms to import
    os.makedirs(place, exist_ok=True)  # noqa: PTH103 - as above
    stem, ending = os.path.splitext(str(name))  # noqa: PTH122 - as above
    if ending not in _DRAWN:
        stem, ending = str(name), ""
    temporary = os.path.join(place, f".{os.getpid()}.part")  # noqa: PTH118 - as above
    try:
        ending = _write(temporary, fig, ending)
        file = _file_name(stem) + ending
        os.replace(temporary, os.path.join(place, file))  # noqa: PTH105, PTH118 - as above
    finally:
        if os.path.exists(temporary):  # noqa: PTH110 - as above
            os.unlink(temporary)  # noqa: PTH108 - as above
    return file


def _file_name(name: str) -> str:
    """Return a name that any file system takes, another one for each.

    >>> _file_name("confusion"), _file_name("a/b")
    ('confusion', 'a_b-c14cddc0')
    """
    safe = _SAFE.sub("_", name).strip("._")[:_LONGEST]
    if safe == name and safe == safe.lower():
        return safe
    mark = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{safe.lower()}-{mark}" if safe else mark


def _write(file: str, fig: Any, ending: str) -> str:
    """Write a picture to a file and return what the name of such a file ends in."""
    if isinstance(fig, bytes | bytearray):
        with open(file, "wb") as opened:  # noqa: PTH123 - as above
            opened.write(fig)
        return _ending_of(bytes(fig[:64]))
    if isinstance(fig, str | os.PathLike):
        shutil.copyfile(fig, file)
        return os.path.splitext(os.fspath(fig))[1].lower()  # noqa: PTH122 - as above
    drawn: Any = fig if hasattr(fig, "savefig") else getattr(fig, "figure", None)
    if hasattr(drawn, "savefig"):
        drawn.savefig(file, format=(ending or ".png")[1:])
        return ending or ".png"
    if hasattr(fig, "save") and hasattr(fig, "getbands"):
        fig.save(file, format={".jpg": "JPEG", ".webp": "WEBP"}.get(ending, "PNG"))
        return ending if ending in (".jpg", ".webp") else ".png"
    if hasattr(fig, "to_json"):
        with open(file, "w", encoding="utf-8") as text:  # noqa: PTH123 - as above
            text.write(fig.to_json())
        return ".json"
    raise NotANumber(f"{type(fig).__name__} is not a picture that gitexp knows")


def _ending_of(start: bytes) -> str:
    text = start.lstrip()
    return next((one for begin, one in _BEGINNINGS.items() if text.startswith(begin)), ".bin")
