"""Keys that tests sign with: real ones, of ssh."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.workshop import git


@cache
def _made(name: str, passphrase: str) -> Path:
    """Make a key once for all tests of this process: 10 ms each."""
    key = Path(mkdtemp(prefix="gitexp-key-")) / name
    command = ("ssh-keygen", "-q", "-t", "ed25519", "-C", name, "-N", passphrase, "-f", str(key))
    subprocess.run(command, check=True)
    return key


def new_key(folder: Path, name: str = "ada", passphrase: str = "") -> Path:
    """Put a key, with its public half beside it, into a folder."""
    made, key = _made(name, passphrase), folder / name
    for source, target in ((made, key), (made.with_suffix(".pub"), key.with_suffix(".pub"))):
        target.write_bytes(source.read_bytes())
        target.chmod(0o600)
    return key


def trust(place: Path, signers: Path, *keys: Path) -> None:
    """Have a repository trust the keys, each under the name of its file."""
    lines = (f"{key.name}@example.com {key.with_suffix('.pub').read_text()}" for key in keys)
    signers.write_text("".join(lines))
    git("config", "gpg.ssh.allowedSignersFile", signers, cwd=place)


def sign_with(place: Path, key: Path) -> None:
    """Have a repository sign all commits with a key."""
    for name, value in (
        ("gpg.format", "ssh"),
        ("user.signingKey", str(key)),
        ("commit.gpgSign", "true"),
    ):
        git("config", name, value, cwd=place)


def signing_key(folder: Path, place: Path, name: str = "ada") -> Path:
    """Make a key that a repository signs with, and trusts."""
    key = new_key(folder, name)
    sign_with(place, key)
    trust(place, folder / "signers", key)
    return key
