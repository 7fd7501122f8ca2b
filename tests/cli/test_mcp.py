"""`gitexp mcp`, asked by the SDK's own client over real pipes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client

from gitexp.errors import ExitCode

from tests.workshop import DEADLINE, Git, Gitexp

T = TypeVar("T")
Ask = Callable[..., Awaitable[Any]]

pytestmark = pytest.mark.usefixtures("two_runs")


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the client wait until the server has ended by itself, which it kills after 2 s."""
    monkeypatch.setattr("mcp.client.stdio.PROCESS_TERMINATION_TIMEOUT", DEADLINE)


def asked(top: Path, ask: Callable[[Client], Awaitable[T]], *options: str) -> T:
    """Start the server in a project, and return what a client gets from it."""
    words = ["-C", str(top), "mcp", *options]
    program = str(Path(sys.executable).with_name("gitexp"))
    server = StdioServerParameters(command=program, args=words, env=dict(os.environ), cwd=top)

    async def connected() -> T:
        async with Client(stdio_client(server)) as client:
            return await ask(client)

    return anyio.run(connected)


def texts(result: Any) -> list[str]:
    return [one.text for one in result.content]


def test_each_tool_answers_with_what_its_command_prints(
    gitexp: Gitexp, work_tree: Path, git: Git
) -> None:
    calls: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
        ("ls", {"where": "rate = 0.2", "whole": True}, ("ls", "--json", "--where", "rate = 0.2")),
        ("show", {"run": "one"}, ("show", "--json", "one")),
        ("diff", {"revs": ["one", "two"]}, ("diff", "--json", "one", "two")),
        ("best", {"metrics": ["accuracy"]}, ("best", "--md", "accuracy")),
        ("review", {"base": "HEAD", "head": "two"}, ("review", "--json", "HEAD", "two")),
        ("story", {}, ("story",)),
        ("sql", {"statement": "select name from runs"}, ("sql", "--json", "select name from runs")),
    ]
    for name in ("gitexp", "msgspec", "json"):  # what Python would import from where it is called
        (work_tree / f"{name}.py").write_text("open('caught', 'w')")
    before = git("for-each-ref"), git("status", "--porcelain", "--ignored")

    async def ask(client: Client) -> tuple[list[Any], list[Any]]:
        tools = (await client.list_tools()).tools
        return tools, [await client.call_tool(name, given) for name, given, _ in calls]

    tools, results = asked(work_tree, ask)

    assert [tool.name for tool in tools] == [name for name, *_ in calls]
    assert all(tool.annotations.read_only_hint for tool in tools)
    for (name, _, words), result in zip(calls, results, strict=True):
        code, out, _ = gitexp(*words)
        assert code in (ExitCode.OK, ExitCode.NO)
        assert (name, texts(result)[0], result.is_error) == (name, out.strip(), False)
    assert [run["name"] for run in json.loads(texts(results[0])[0])] == ["two"]
    assert (git("for-each-ref"), git("status", "--porcelain", "--ignored")) == before


def test_what_is_wrong_is_said_with_what_mends_it(work_tree: Path) -> None:
    calls: list[tuple[str, dict[str, Any], str]] = [
        ("show", {"run": "tow"}, "error: no run 'tow'\nhint: Did you mean 'two'?"),
        ("ls", {"where": "accuracy >"}, "error: "),
        ("sql", {"statement": "delete from runs"}, "error: SQL may only read"),
        ("best", {}, "error: 'metrics' is missing\nhint: "),
        ("run", {"command": ["touch", "x"]}, "error: there is no tool 'run'\nhint: A person can"),
        ("rm", {}, "error: there is no tool 'rm'\nhint: There are: ls, show, "),
        ("review", {"base": "--post=github"}, "error: "),
    ]

    async def ask(client: Client) -> list[Any]:
        return [await client.call_tool(name, given) for name, given, _ in calls]

    results = asked(work_tree, ask)

    for (name, _, said), result in zip(calls, results, strict=True):
        assert result.is_error, name
        [text] = texts(result)
        assert text.startswith(said), (name, text)
        assert "Traceback" not in text
    assert not (work_tree / "x").exists()


def test_no_tool_that_reads_lets_git_talk_to_a_remote(
    gitexp: Gitexp, work_tree: Path, git: Git
) -> None:
    """A shallow clone has a review fetch what it lacks; for an assistant, it does not."""
    (work_tree / "more").write_text("more")
    git("add", "more", cwd=work_tree)
    git("commit", "--quiet", "-m", "more", cwd=work_tree)
    clone = work_tree.parent / "shallow"
    git("clone", "--quiet", "--depth=1", f"file://{work_tree}", clone)
    parent = git("rev-parse", "HEAD~1", cwd=work_tree).strip()

    async def ask(client: Client) -> Any:
        return await client.call_tool("review", {"base": parent, "head": "HEAD"})

    result = asked(clone, ask)

    assert result.is_error
    assert git("rev-list", "--count", "HEAD", cwd=clone).strip() == "1"
    assert gitexp("review", parent, "HEAD", cwd=clone).code == ExitCode.OK
    assert git("rev-list", "--count", "HEAD", cwd=clone).strip() == "2"


def test_runs_are_made_if_a_person_allows_it(gitexp: Gitexp, work_tree: Path) -> None:
    async def ask(client: Client) -> tuple[Any, Any, Any]:
        return (
            await client.call_tool("run", {"command": ["true"], "name": "mine"}),
            await client.call_tool("run", {"command": ["sh", "-c", "echo no >&2; exit 3"]}),
            await client.call_tool(
                "sweep", {"space": ["rate=0.3,0.4"], "command": ["true"], "dry_run": True}
            ),
        )

    made, failed, planned = asked(work_tree, ask, "--allow-run")

    assert (made.is_error, json.loads(texts(made)[0])["name"]) == (False, "mine")
    assert (failed.is_error, json.loads(texts(failed)[0])["exit"]["code"]) == (True, 3)
    assert "no" in texts(failed)[1].splitlines()
    assert not planned.is_error
    assert json.loads(gitexp("show", "--json", "mine").out)["command"] == ["true"]


def test_a_run_that_is_given_up_is_recorded_as_interrupted(gitexp: Gitexp, work_tree: Path) -> None:
    script = "touch started; exec sleep 600"

    async def ask(client: Client) -> None:
        async with anyio.create_task_group() as group:
            call = {"command": ["sh", "-c", script], "name": "long"}
            group.start_soon(client.call_tool, "run", call)
            while not (work_tree / "started").exists():  # noqa: ASYNC110 - another process makes it
                await anyio.sleep(0.05)
            group.cancel_scope.cancel()

    asked(work_tree, ask, "--allow-run")

    run = json.loads(gitexp("ls", "--json", "--where", "name = long").out)
    assert [one["status"] for one in run] == ["interrupted"]


def test_a_place_without_a_repository_is_refused_at_once(gitexp: Gitexp, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    code, out, err = gitexp("mcp", cwd=tmp_path / "empty")

    assert (code, out) == (ExitCode.ERROR, "")
    assert "error: " in err
