"""`gitexp ui`: served until it is told to end, or written to files."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gitexp.ui.server import HOST, bound

from tests.workshop import DEADLINE, Gitexp


@contextmanager
def served(project: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start `gitexp ui`; give the process and the address that it prints."""
    command = [sys.executable, "-m", "gitexp", "-C", str(project), "ui", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:  # type: ignore[call-overload]
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def test_the_page_is_served_until_it_is_told_to_end(work_tree: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with served(work_tree, "--port", str(port)) as (process, address):
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            page = opener.open(address, timeout=DEADLINE).read().decode()
            with pytest.raises(urllib.error.HTTPError, match="403"):
                urllib.request.urlopen(address.partition("?")[0], timeout=DEADLINE)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=DEADLINE)

    assert "No runs." in page
    assert f"note: port {port} is taken, so this is " in said
    assert said.endswith("Ctrl-C ends it.\n")
    assert process.returncode == 0


def test_a_browser_that_stays_in_front_has_its_page(
    work_tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, seen = tmp_path / "browser.py", tmp_path / "seen"
    script.write_text(
        "import pathlib, sys, urllib.request as web\n"
        "opener = web.build_opener(web.HTTPCookieProcessor())\n"
        f"page = opener.open(sys.argv[1], timeout={DEADLINE}).read() + sys.argv[1].encode()\n"
        f"pathlib.Path({str(seen)!r}).write_bytes(page)\n"
        "print('seen', file=sys.stderr, flush=True)\n"
    )
    monkeypatch.setenv("BROWSER", f"{sys.executable} {script} %s")
    with served(work_tree, "--port", "0", "--open") as (process, address):
        assert process.stderr is not None
        while (line := process.stderr.readline()) and "seen" not in line:
            pass
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=DEADLINE)

    assert "No runs." in seen.read_text()
    assert address not in seen.read_text()  # others see the command line of a browser


def test_a_signal_and_the_end_of_its_time_are_ordinary_ends(work_tree: Path) -> None:
    with served(work_tree, "--port", "0") as (process, address):
        assert address.startswith(f"http://{HOST}:")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=DEADLINE)
    with served(work_tree, "--port", "0", "--for", "1s") as (ended, _):
        ended.communicate(timeout=DEADLINE)

    assert (process.returncode, ended.returncode) == (0, 0)


def test_the_next_port_is_taken_if_one_is_not_free() -> None:
    with bound(0) as first:
        port = first.getsockname()[1]
        with bound(port) as second:
            assert second.getsockname()[1] != port
            assert second.getsockname()[0] == HOST


def test_pages_are_written(work_tree: Path, gitexp: Gitexp) -> None:
    gitexp("run")
    site = work_tree.parent / "site"

    found = gitexp("ui", "--export", site)

    assert found == (0, "", f"wrote 7 pages: open {site}/index.html\n")
    assert "accuracy" in (site / "index.html").read_text()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("--where", "x = 1"), "`--where` goes with `--export`"),
        (("--for", "soon"), "'soon' is not a duration such as 30s, 5m or 2h"),
        (("--export", "gitexp.yaml"), "'gitexp.yaml' is a file"),
        (("--export", "."), "'.' is not empty, and not an earlier export"),
        (("--export", "site", "--where", "nothing ="), "nothing ="),
    ],
)
def test_what_cannot_be_done_is_said(
    work_tree: Path, gitexp: Gitexp, options: tuple[str, ...], error: str
) -> None:
    found = gitexp("ui", *options)

    assert found.code == 2
    assert error in found.err
    assert work_tree.joinpath("site").exists() is False


def test_without_its_libraries_it_says_what_to_install(
    work_tree: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)

    found = gitexp("ui", cwd=work_tree)

    assert (found.code, found.out) == (2, "")
    assert found.err == (
        "error: the page needs 'uvicorn', which is not installed\n"
        "hint: Install gitexp with its extra `ui`, or starlette, uvicorn and jinja2 beside it.\n"
    )


def test_outside_of_a_repository_there_is_no_page(tmp_path: Path, gitexp: Gitexp) -> None:
    found = gitexp("ui", cwd=tmp_path)

    assert found.code == 2
    assert "is not in a git repository" in found.err
