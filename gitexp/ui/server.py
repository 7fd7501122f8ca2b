"""The web server: on loopback, on a port that is free, until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from gitexp.errors import GitexpError
from gitexp.ui.access import TOKEN, new_token
from gitexp.ui.app import make_app

HOST = "127.0.0.1"
_TRIED = 20
"""How many ports after the one that is taken are tried before any is taken."""
_LAST = 65535
_SECONDS_TO_END = 2
"""How long answers under way may take once the server is to end."""


def serve(
    directory: Path,
    port: int,
    *,
    editing: bool,
    seconds: float | None,
    ready: Callable[[str, str, int], None],
) -> None:
    """Serve a project until a signal comes, or for some seconds.

    Args:
        directory: Where the project is.
        port: The port to try first; 0 for any.
        editing: Whether the page may change what is said of runs.
        seconds: How long; None for until it is told to end.
        ready: Called with the first address, with one that is good for one time, and with the
            port, once they can be opened.
    """
    token, ticket = new_token(), new_token()
    with contextlib.closing(bound(port)) as listening:
        found = listening.getsockname()[1]
        config = uvicorn.Config(
            make_app(directory, token, ticket=ticket, editing=editing),
            log_level="error",
            access_log=False,  # the first address has the token
            server_header=False,
            timeout_graceful_shutdown=_SECONDS_TO_END,
            ws="none",
        )
        server = _Server(config, seconds)
        with _ended_by_signals(server):
            first = f"http://{HOST}:{found}/runs?{TOKEN}="
            ready(f"{first}{token}", f"{first}{ticket}", found)
            asyncio.run(server.serve([listening]))


class _Server(uvicorn.Server):
    """A server that ends after some time."""

    def __init__(self, config: uvicorn.Config, seconds: float | None) -> None:
        super().__init__(config)
        self._seconds = seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and plan the end."""
        await super().startup(sockets)
        if self._seconds is not None:
            asyncio.get_running_loop().call_later(self._seconds, self._end)

    def _end(self) -> None:
        self.should_exit = True


@contextlib.contextmanager
def _ended_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM be the ordinary ends that they are, however early they come.

    Once uvicorn runs it catches them itself, ends, and then sends them once more to us.
    """

    def end(*_: object) -> None:
        server.should_exit = True

    before = {one: signal.signal(one, end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def bound(port: int) -> socket.socket:
    """Return a socket on loopback: on the port, on one of the next ones, or on any that is free."""
    for number in (*range(port, min(port + _TRIED, _LAST + 1)), 0) if port else (0,):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((HOST, number))
            listening.listen()
        except OSError as error:
            listening.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise GitexpError(f"cannot listen on {HOST}: {error.strerror}") from error
        else:
            return listening
    raise GitexpError(
        f"no port is free on {HOST}", hint="End another program that listens, and try again."
    )
