"""Sends a message: to an address by HTTPS, or to a command on its standard input."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gitexp.errors import GitexpError

_TIMEOUT = (10.0, 60.0)
"""Seconds until there is a connection, and until an answer comes."""
_COMMAND_TIMEOUT = 60.0
_BEYOND_SUCCESS = 300
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def send(receiver: str, message: Mapping[str, Any]) -> None:
    """Send a message once; raises GitexpError, which does not hold the address: it is a secret."""
    content = json.dumps(message).encode()
    if receiver.lower().startswith(("https://", "http://")):
        _post(receiver, content)
    else:
        _call(receiver, content)


def _post(url: str, content: bytes) -> None:
    parts = urlsplit(url)
    if parts.scheme.lower() != "https" and parts.hostname not in _LOOPBACK:
        raise GitexpError("gitexp.notify is no https address")
    import requests  # noqa: PLC0415 - 60 ms, where there is an address

    try:
        with requests.post(
            url,
            data=content,
            headers={"Content-Type": "application/json"},
            timeout=_TIMEOUT,
            allow_redirects=False,  # the address is the user's word, another one is not
            stream=True,  # what comes after the status may take for ever, and a push waits for it
        ) as response:
            status = response.status_code
    except requests.RequestException as error:
        why = type(error).__name__
        raise GitexpError(f"cannot reach '{parts.hostname}': {why}") from None
    if status >= _BEYOND_SUCCESS:
        raise GitexpError(f"'{parts.hostname}' answered with {status}")


def _call(command: str, content: bytes) -> None:
    """Run a command in the user's home: a relative path must not mean a file of a repository."""
    home = Path.home()
    process = subprocess.Popen(
        ["sh", "-c", command],
        cwd=home if home.is_dir() else Path("/"),
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        process.communicate(content, timeout=_COMMAND_TIMEOUT)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        why = f"the command of gitexp.notify did not end in {_COMMAND_TIMEOUT:.0f} s"
        raise GitexpError(why) from None
    if process.returncode != 0:
        raise GitexpError(f"the command of gitexp.notify ended with {process.returncode}")
