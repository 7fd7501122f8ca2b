"""What assistants may say to a tool, and which words it becomes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gitexp.assistants.tools import TOOLS, Tool, offered
from gitexp.errors import GitexpError

ALL = offered(may_run=True)


def test_the_tools_that_run_something_are_offered_only_if_they_may() -> None:
    assert list(offered(may_run=False)) == ["ls", "show", "diff", "best", "review", "story", "sql"]
    assert list(ALL) == [*offered(may_run=False), "run", "sweep"]


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("ls", {}, "ls --md --limit=20 --"),
        ("ls", {"limit": 0, "running": True, "group": False}, "ls --md --limit=0 --running --"),
        ("best", {"metrics": ["a", "b"], "whole": True}, "best --md --json -- a b"),
        ("show", {"run": None}, "show --json --"),
        ("diff", {"revs": ["one", "HEAD"]}, "diff --json -- one HEAD"),
        ("story", {"where": ""}, "story --"),
        (
            "run",
            {"params": ["a=1"], "command": ["ls", "-l"]},
            "run --json --set-param=a=1 -- ls -l",
        ),
        (
            "sweep",
            {"space": ["a=1,2"], "number": 2, "command": ["true"]},
            "sweep --json -N2 a=1,2 -- true",
        ),
    ],
)
def test_what_is_given_becomes_a_command_line(name: str, given: Any, words: str) -> None:
    assert ALL[name].words(given) == words.split()


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_no_text_becomes_an_option(tool: Tool) -> None:
    """Each text stands behind `--`, or in one word with its option."""
    hostile = "--post=github"
    options = {one.option for one in tool.fields} | {*tool.always}
    for field in tool.fields:
        given = {
            one.name: ["x=1"] if one.kind == "texts" else "x" for one in tool.fields if one.needed
        }
        given[field.name] = [hostile] if field.kind == "texts" else hostile
        if field.kind in ("flag", "number"):
            with pytest.raises(GitexpError, match=f"^'{field.name}' must be "):
                tool.words(given)
        elif field.name == "head":
            with pytest.raises(GitexpError, match=r"^'head' is given without 'base'$"):
                tool.words(given)
        elif field.name == "space":
            with pytest.raises(GitexpError, match=f"^'{hostile}' begins with '-'"):
                tool.words(given)
        else:
            words = tool.words(given)
            end = words.index("--")
            assert {word.partition("=")[0] for word in words[1:end] if word[0] == "-"} <= options
            assert hostile in words[end:] or any(f"={hostile}" in word for word in words[:end])


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("best", {}, "'metrics' is missing"),
        ("best", {"metrics": []}, "'metrics' is missing"),
        ("run", {"command": []}, "'command' is missing"),
        ("run", {"command": "rm -r x"}, "'command' must be a list of texts"),
        ("run", {"command": [1]}, "'command' must be a list of texts"),
        ("ls", {"limit": -1}, "'limit' must be a whole number, 0 or more"),
        ("ls", {"limit": True}, "'limit' must be a whole number, 0 or more"),
        ("ls", {"limit": "5"}, "'limit' must be a whole number, 0 or more"),
        ("ls", {"running": 1}, "'running' must be true or false"),
        ("ls", {"post": "github"}, "there is no argument 'post'"),
        ("sql", {"statement": "a\0b"}, "'statement' holds what no command line can"),
        ("sql", {"statement": "\ud800"}, "'statement' holds what no command line can"),
    ],
)
def test_what_does_not_fit_is_refused(name: str, given: Any, said: str) -> None:
    with pytest.raises(GitexpError, match=f"^{said}"):
        ALL[name].words(given)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_the_schema_of_a_tool_names_all_that_it_takes(tool: Tool) -> None:
    properties = tool.schema["properties"]

    assert isinstance(properties, dict)
    assert list(properties) == [one.name for one in tool.fields]
    assert tool.schema["additionalProperties"] is False
    assert tool.schema["required"] == [one.name for one in tool.fields if one.needed]


def test_the_how_to_names_each_tool_with_all_that_it_takes() -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/use-with-assistants.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \| ", page, re.MULTILINE))

    assert {tool.name: [one.name for one in tool.fields] for tool in TOOLS if not tool.runs} == {
        name: re.findall(r"`(\w+)`", takes) for name, takes in rows.items() if name in ALL
    }
