"""What the background has to say: written by it, and said once by the next gitexp."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from gitexp.git.repository import Repository
from gitexp.model.numbers import counted
from gitexp.project import Project
from gitexp.store.own import own_folder
from gitexp.store.processes import Place
from gitexp.store.unpushed import count_unpushed

_MOST_SIGNS, _MOST_LINES = 300, 3
_LOG_SIZE = 1 << 18
_PASSWORD = re.compile(r"(?<=://)[^/@\s]+@")

Tell = Callable[[str], None]


class Background:
    """Where the background keeps what it does, in gitexp's own folder."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        own = own_folder(repository)
        self.folder = own.afterwards
        self.wanted = self.folder / "push-wanted"
        """There if runs were recorded since a push has begun."""
        self.lock = self.folder / "push.lock"
        self.log = self.folder / "log"
        self.pushing, self.notifying = own.push_state, own.notify_state

    def made(self) -> Background:
        """Return it with its folder and lock."""
        own_folder(self._repository).made()
        self.folder.mkdir(exist_ok=True)
        self.lock.touch()
        return self

    def opened_log(self) -> int:
        """Open the log, which only its owner reads: addresses of remotes may stand in it."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        log = os.open(self.log, flags, 0o600)
        if os.fstat(log).st_size > _LOG_SIZE:
            os.ftruncate(log, 0)
        return log

    def push_begins(self) -> None:
        """Write down that this process pushes."""
        _write(self.pushing, {"by": to_builtins(Place.of(os.getpid()))})

    def push_failed(self, why: str, remote: str | None) -> None:
        """Write down why a push failed."""
        _write(self.pushing, {"why": _short(why), "remote": remote})

    def push_ended(self) -> None:
        """Forget what was written down: everything is pushed."""
        with contextlib.suppress(OSError):
            self.pushing.unlink(missing_ok=True)

    def pushed_by_hand(self, remote: str) -> None:
        """Forget a failure to push to a remote to which somebody has pushed since."""
        push = _read(self.pushing)
        if push is not None and not _is_under_way(push) and push.get("remote") in (None, remote):
            self.push_ended()

    def notify_failed(self, name: str, why: str) -> None:
        """Write down why a message was not sent."""
        _write(self.notifying, {"name": name, "why": _short(why)})

    def say(self, project: Project, tell: Tell) -> None:
        """Say what went wrong, once."""
        push = _read(self.pushing)
        if push is not None and not _is_under_way(push):
            self.push_ended()
            remote = push.get("remote")
            remote = remote if isinstance(remote, str) else None
            unpushed = count_unpushed(project.repository, project.config, remote)
            if unpushed:
                are = "is" if unpushed == 1 else "are"
                why = push.get("why", "the push in the background was cut off")
                text = f"{counted(unpushed, 'run')} {are} not pushed: {why}"
                tell(f"note: {text}; `gitexp push` tries again, and so does the next run")
        notify = _read(self.notifying)
        if notify is not None:
            with contextlib.suppress(OSError):
                self.notifying.unlink(missing_ok=True)
            tell(f"note: no message was sent of '{notify.get('name')}': {notify.get('why')}")


def log(text: str) -> None:
    """Write a line to the log: it is what the process in the background prints to."""
    sys.stdout.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")
    sys.stdout.flush()


def _is_under_way(push: Mapping[str, Any]) -> bool:
    with contextlib.suppress(TypeError):
        return "by" in push and not Place(**push["by"]).is_gone
    return False


def _short(text: str) -> str:
    """Return words on one line, without passwords in addresses.

    >>> _short("remote 'a' failed:\\n  unable to access 'https://me:key@host/x'\\n  no network")
    "remote 'a' failed: unable to access 'https://***@host/x'; no network"
    """
    lines = filter(None, (" ".join(line.split()).rstrip(".") for line in text.splitlines()))
    some = [_PASSWORD.sub("***@", one) for one in lines][:_MOST_LINES]
    line = "; ".join(some).replace(":; ", ": ")
    return line if len(line) <= _MOST_SIGNS else f"{line[:_MOST_SIGNS]}…"


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file whole: who reads it meanwhile sees what was there before."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.write_text(json.dumps(content))
    new.replace(path)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_bytes())
    except OSError:
        return None
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
