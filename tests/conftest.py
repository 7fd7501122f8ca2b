"""Sealed git and DVC for every test, and the repository that tests work in."""

from __future__ import annotations

import gc
import itertools
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from gitexp.cli.main import main
from gitexp.git.repository import Repository

from tests import workshop
from tests.compiled import compile_everything
from tests.host_server import HostServer, Request
from tests.together import LONG, Together
from tests.workshop import Git, GitEnded, Gitexp, NewRepository, Outcome

settings.register_profile(  # the cores are slow, and now and then too slow for Hypothesis
    "gitexp", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("gitexp")

NUMBERS = itertools.count()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let what takes long take as long as one likes; a little of it is part of every test run."""
    parser.addoption("--torture-rounds", type=int, default=8, help="how often a run is killed")
    parser.addoption("--fault-places", type=int, default=3, help="how many calls are let fail")
    parser.addoption(
        "--dvc-experiments", type=int, default=12, help="how many DVC makes to be imported"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Hear SIGINT and SIGQUIT, as what tests start must; compile all before workers import it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a script
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGQUIT) is signal.SIG_IGN:
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    if not hasattr(config, "workerinput"):
        compile_everything(config)


def pytest_collectstart() -> None:
    """Look for no garbage among what is imported and collected, which stays: 7 s a worker."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Have the garbage collector pass over what stays for good."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long; the order of the rest stays random."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Have one worker more than cores, as tests wait for processes a fifth of their time."""
    return (len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Have workers share out the tests, and make only once what a module's tests share."""
    return Together(config, log)


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A folder of the test's own, as pytest's; which looks at those of all tests before: 3 ms."""
    name = "".join(c if c.isalnum() else "_" for c in request.node.name[:30])
    place = tmp_path_factory.getbasetemp() / f"{name}-{next(NUMBERS)}"
    place.mkdir(mode=0o700)
    return place


@pytest.fixture(autouse=True)
def _sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut git and DVC off from the developer and from CI, as `workshop.sealed` says."""
    env = workshop.sealed(tmp_path / "home")
    for name in os.environ.keys() - env.keys():
        monkeypatch.delenv(name)  # git sets GIT_DIR for us when a hook runs the tests
    for name, value in env.items():
        if os.environ.get(name) != value:
            monkeypatch.setenv(name, value)


@pytest.fixture
def git() -> Git:
    """Run git in the current directory, or in `cwd`, and return what it prints."""
    return workshop.git


@pytest.fixture
def git_ended() -> GitEnded:
    """Run git in the current directory, or in `cwd`, whatever its exit code."""
    return workshop.git_ended


@pytest.fixture
def gitexp(capfd: pytest.CaptureFixture[str]) -> Gitexp:
    """Run `gitexp ARGS...` in process; what it starts is captured as well."""

    def run(*args: str | Path, cwd: Path | None = None) -> Outcome:
        capfd.readouterr()
        code = main([*(["-C", str(cwd)] if cwd else []), *map(str, args)])
        sys.stdout.flush()
        return Outcome(int(code), *capfd.readouterr())

    return run


@pytest.fixture
def new_repository(tmp_path: Path) -> NewRepository:
    """Make a repository: `new_repository("name", {"path": "content"})`, committed if it has any."""
    return lambda name, files=None: workshop.make_repository(tmp_path / name, files or {})


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """What the work tree begins with; a folder of tests or a module may have its own."""
    return workshop.PROJECT


@pytest.fixture
def work_tree(
    new_repository: NewRepository, project_files: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A repository with the files, all committed; the current directory."""
    top = new_repository("work", project_files)
    monkeypatch.chdir(top)
    return top


@pytest.fixture
def repository(work_tree: Path) -> Iterator[Repository]:
    """The repository of `work_tree`, opened."""
    with Repository.open(work_tree) as opened:
        yield opened


@pytest.fixture
def host_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HostServer]:
    """A host on loopback, with one pull request."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    known = HostServer()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            request = Request(self.command, self.path, dict(self.headers), body)
            status, headers, said = known.answer(request)
            content = json.dumps(said).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = answer  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.server = server
    known.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def hub(work_tree: Path, tmp_path: Path, git: Git) -> Path:
    """A bare repository that is the 'origin' of the work tree and has its main."""
    place = tmp_path / "hub.git"
    git("init", "--quiet", "--bare", place)
    git("remote", "add", "origin", f"file://{place}", cwd=work_tree)
    git("push", "--quiet", "origin", "main", cwd=work_tree)
    return place
