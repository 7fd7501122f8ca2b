"""A browser without a screen, and runs that are as nasty as they can be."""

from __future__ import annotations

import asyncio
import os
import struct
import subprocess
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple
from urllib.parse import unquote, urlencode

from msgspec import to_builtins
from starlette.types import ASGIApp, Message

from gitexp.git.repository import Repository
from gitexp.model.message import message_text
from gitexp.model.policy import Policy
from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.model.record_json import to_json
from gitexp.series.series import Series
from gitexp.series.tables import write_tables
from gitexp.store.branch import root_commit
from gitexp.ui.app import make_app

TOKEN = "a-token-of-tests"
HOST = "127.0.0.1:8417"
NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7*7 }}\x1b[31m"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


class Answer(NamedTuple):
    """What a server has answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Browser:
    """Asks an app in process, with the cookie that it was given."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.cookie = ""

    @classmethod
    def at(cls, project: Path, *, editing: bool = False) -> Browser:
        """Open the page of a project by its first address."""
        browser = cls(make_app(project, TOKEN, editing=editing))
        browser.cookie = browser.get(f"/?token={TOKEN}").headers["set-cookie"].partition(";")[0]
        return browser

    def get(self, target: str, **headers: str) -> Answer:
        """Ask for a page."""
        return asyncio.run(self._ask("GET", target, headers, b""))

    def post(self, target: str, form: Mapping[str, str], **headers: str) -> Answer:
        """Send a form, as a page of the same origin does unless told otherwise."""
        sent = {"origin": f"http://{HOST}", "content-type": "application/x-www-form-urlencoded"}
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        return asyncio.run(self._ask("POST", target, sent | changed, urlencode(form).encode()))

    async def _ask(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        path, _, query = target.partition("?")
        known = {"host": HOST, **({"cookie": self.cookie} if self.cookie else {}), **headers}
        raw = [(name.replace("_", "-").encode(), one.encode()) for name, one in known.items()]
        scope = {
            "type": "http",
            "method": method,
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": raw,
            "scheme": "http",
            "server": ("127.0.0.1", 8417),
            "client": ("127.0.0.1", 5),
            "root_path": "",
            "http_version": "1.1",
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], found, b"".join(one.get("body", b"") for one in sent[1:]))

    def __enter__(self) -> Browser:
        """Return the browser itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Have the server start and end, which closes the project."""
        asyncio.run(self._live())

    async def _live(self) -> None:
        told = iter(("lifespan.startup", "lifespan.shutdown"))

        async def receive() -> Message:
            return {"type": next(told)}

        async def send(_: Message) -> None:
            pass

        await self._app({"type": "lifespan"}, receive, send)


def png() -> bytes:
    """Return a picture of four dots."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        summed = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + summed

    rows = zlib.compress(b"\0\x10\xf0" * 2)
    head = struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def records() -> Iterator[RunRecord]:
    """Yield the runs: two that are well, and one that means no good."""
    for at, name in enumerate(("calm", "brave", NASTY)):
        nasty = name == NASTY
        yield RunRecord(
            id=f"run{at}00000x",
            name=name,
            status="failed" if nasty else "done",
            exit=Exit(1 if nasty else 0),
            command=("python", "train.py", *([NASTY] if nasty else [])),
            baseline="b" * 40,
            inputs=Inputs(f"{at}" * 40),
            started=f"2026-01-0{at + 1}T03:04:05.000Z",
            ended=f"2026-01-0{at + 1}T03:05:05.000Z",
            gitexp="0.1.0",
            message=NASTY if nasty else "does it help?",
            tags=(NASTY.replace(" ", ""),) if nasty else ("good",),
            outputs=("metrics.json", "plots/map.png", "plots/evil.svg", "plots/fake.png"),
            params={"params.yaml": {"rate": 0.1 * (at + 1), (NASTY if nasty else "depth"): NASTY}},
            metrics={"metrics.json": {"accuracy": 0.5 + at / 10, (NASTY if nasty else "f1"): 0.25}},
            user=NASTY if nasty else "ada",
            figures={"graph": "graph.svg"} if nasty else {"confusion": "confusion.png"},
            series={key: to_builtins(one.summary) for key, one in curves(at).items()},
        )


def curves(at: int) -> dict[str, Series]:
    """Return the curves of a run."""
    keys = ("train/loss", NASTY) if at == 2 else ("train/loss",)
    steps: list[int | float] = [0, 1, 2]
    return {key: Series(key, steps, [1.0, 0.5, 0.25 * at]) for key in keys}


def write_project(top: Path) -> None:
    """Put the runs onto the branch of a repository, with the files that they wrote."""
    with Repository.open(top) as repository:
        root = root_commit(repository)
    parts = []
    for at, record in enumerate(records()):
        head = "commit refs/heads/experiments\ncommitter Ada <ada@example.com> 1767323045 +0000\n"
        parts.append(head.encode() + _data(message_text(record, Policy(), {}).encode()))
        parts.append(f"from {root}\n".encode() if at == 0 else b"")
        files = {
            ".gitexp/run.json": to_json(record),
            ".gitexp/output.log": f"trained {NASTY}\n".encode(),
            "plots/map.png": png(),
            ".gitexp/figures/confusion.png": png(),
            ".gitexp/figures/graph.svg": SVG,
            "plots/evil.svg": SVG,
            "plots/fake.png": SVG,
            "train.py": b"rate = %d\n" % at,
            **{
                f".gitexp/series/{name}": text.encode()
                for name, text in write_tables(curves(at)).items()
            },
        }
        parts += [b"M 100644 inline %s\n%s" % (path.encode(), _data(files[path])) for path in files]
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=top, input=b"".join(parts), check=True, timeout=60
    )


def write_run(top: Path, record: RunRecord, files: Mapping[str, bytes]) -> None:
    """Put one more run onto the branch, with files that need not be named in Unicode."""
    whole = {os.fsencode(path): content for path, content in files.items()}
    whole[b".gitexp/run.json"] = to_json(record)
    head = b"commit refs/heads/experiments\ncommitter Ada <ada@example.com> 1767323045 +0000\n"
    parts = [head, _data(message_text(record, Policy(), {}).encode(errors="replace"))]
    parts.append(b"from refs/heads/experiments^0\n")
    for path, content in whole.items():
        parts += [b"M 100644 inline %s\n%s" % (path, _data(content))]
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=top, input=b"".join(parts), check=True, timeout=60
    )


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
