"""Whether anybody listens at the address of a cluster: a library may try that for minutes."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

_ANSWER = 10.0
"""Seconds."""


def check_listening(address: str) -> None:
    """Raise OSError if nobody listens at `HOST:PORT` or `SCHEME://HOST:PORT`.

    An address of another kind is left to the library.
    """
    try:
        found = urlsplit(address if "://" in address else f"//{address}")
        host, port = found.hostname, found.port
    except ValueError:
        return
    if host and port:
        socket.create_connection((host, port), _ANSWER).close()
