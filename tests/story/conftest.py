"""Servers on loopback, real ones, started once and ended with the tests."""

from __future__ import annotations

import contextlib
import getpass
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.workshop import DEADLINE


@dataclass(frozen=True)
class Ssh:
    """An ssh server for whoever runs the tests."""

    port: int
    command: str
    """What git starts to reach it."""

    def url(self, place: Path) -> str:
        """Return where git finds a repository of this machine."""
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{place}"


def free_port() -> int:
    """Return a port of this process's own, until its server has taken it.

    It is none of those that the system gives to whoever asks for any, as other tests do meanwhile.
    """
    first = 20_000 + os.getpid() % 1_500 * 8
    for port in range(first, first + 8):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("all ports are taken")


@contextlib.contextmanager
def served(command: Sequence[str | Path], port: int, log: Path) -> Iterator[None]:
    """Run a server until the end of the block, which begins when it answers."""
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as server:
        try:
            until = time.monotonic() + DEADLINE
            while not _answers(port):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.02)
            yield
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


@pytest.fixture(scope="session")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ssh]:
    """A real sshd with keys and settings of its own."""
    daemon = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
    if daemon is None or shutil.which("ssh") is None:
        pytest.skip("no sshd is installed")
    place = tmp_path_factory.mktemp("ssh")
    for name in ("host", "user"):
        make = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", place / name)
        subprocess.run(make, check=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where root's sshd locks its children in
    port = free_port()
    settings = {
        "ListenAddress": f"127.0.0.1:{port}",
        "HostKey": place / "host",
        "AuthorizedKeysFile": place / "user.pub",
        "PidFile": "none",
        "StrictModes": "no",  # the folders above belong to pytest
        "UsePAM": "no",
        "PasswordAuthentication": "no",
        "KbdInteractiveAuthentication": "no",
        "PermitRootLogin": "prohibit-password",
    }
    lines = [f"{name} {value}\n" for name, value in settings.items()]
    (place / "sshd_config").write_text("".join(lines))
    key_type, key, *_ = (place / "host.pub").read_text().split()
    (place / "known_hosts").write_text(f"[127.0.0.1]:{port} {key_type} {key}\n")
    options = f"-F none -i {place}/user -o UserKnownHostsFile={place}/known_hosts -o BatchMode=yes"
    command = (daemon, "-D", "-e", "-f", place / "sshd_config")
    with served(command, port, place / "log"):
        yield Ssh(port, f"ssh {options}")


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that speaks S3; it keeps nothing on disk and asks for no rights."""
    for needed in ("moto", "flask_cors", "dvc_s3"):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")
    port = free_port()
    command = (sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
    with served(command, port, tmp_path_factory.mktemp("s3") / "log"):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def bucket(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket of one test's own."""
    name = "".join(letter for letter in tmp_path.name.lower() if letter.isalnum())[-40:]
    with urllib.request.urlopen(urllib.request.Request(f"{s3}/{name}", method="PUT")) as answer:
        assert answer.status == 200
    for key in [key for key in os.environ if key.startswith("AWS_")]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return name
