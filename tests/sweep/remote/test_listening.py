"""A cluster that is not there is told at once."""

from __future__ import annotations

import socket

import pytest

from gitexp.sweep.remote.listening import check_listening


def test_nobody_listens_at_a_port_that_nobody_took() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        check_listening(f"127.0.0.1:{port}")
        check_listening(f"ray://127.0.0.1:{port}")
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            check_listening(f"127.0.0.1:{bound.getsockname()[1]}")


@pytest.mark.parametrize("address", ["", "local", "auto", "host:port", "[::1"])
def test_other_addresses_are_left_to_the_library(address: str) -> None:
    check_listening(address)
