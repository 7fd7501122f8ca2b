"""What the documentation promises, held against the code."""

from __future__ import annotations

import contextlib
import inspect
import json
import re
import shlex
import subprocess
import sys
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

import click
import pytest
import yaml
from msgspec import Struct
from msgspec.structs import asdict

import gitexp
from gitexp.cli.main import cli
from gitexp.cli.sections import COMMANDS
from gitexp.comparison.expectation import leaves, parse_expectation
from gitexp.comparison.query.attributes import ATTRIBUTES
from gitexp.comparison.query.evaluate import matches
from gitexp.comparison.query.expression import Column, Expression
from gitexp.comparison.query.parse import parse
from gitexp.comparison.query.resolve import resolve
from gitexp.comparison.query.run_values import RunValues
from gitexp.errors import ExitCode, GitexpError, RunExitCode
from gitexp.execution.overrides.grammar import parse_override
from gitexp.execution.overrides.resolve import apply_overrides
from gitexp.model.message import message_text
from gitexp.model.policy import Policy, Rule
from gitexp.model.record import DataPointer, Exit, Inputs, Machine, Resources, RunRecord
from gitexp.model.record_json import from_json, to_json
from gitexp.settings import parsing
from gitexp.settings.config import Config
from gitexp.settings.parsing import parse_config
from gitexp.store.branch import root_oid

TOP = Path(__file__).parent.parent
DOCS = TOP / "docs"
REFERENCE = DOCS / "reference"
COMMANDS_PAGE = (REFERENCE / "commands.md").read_text()
CONFIG_PAGE = (REFERENCE / "config.md").read_text()
FORMAT_PAGE = (REFERENCE / "run-format.md").read_text()
PARAMS_PAGE = (DOCS / "how-to" / "set-params.md").read_text()
QUERY_PAGE = (REFERENCE / "query.md").read_text()
FINDING_PAGE = (DOCS / "how-to" / "find-runs.md").read_text()
NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
"""When the examples of the query language are read."""
_SCREEN_WIDTH, _SCREEN_ROWS = 120, 48
NOT_WRITTEN = {"extra", "comments", "verified", "evaluations"}
"""Fields of a record that `run.json` does not have under that name."""

PAGES = [
    *sorted(DOCS.rglob("*.md")),
    *(TOP / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING", "SECURITY")),
]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    command = cli.get_command(click.Context(cli, **cli.context_settings), name)

    assert command is not None
    assert command.help
    assert f"## `gitexp {name}`" in COMMANDS_PAGE


def test_the_help_texts_are_those_of_gitexp() -> None:
    script = REFERENCE / "generate.py"

    checked = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("code", [*ExitCode, *RunExitCode])
def test_every_exit_code_is_documented(code: int) -> None:
    assert f"\n| {int(code)} | " in COMMANDS_PAGE


@pytest.mark.parametrize("name", sorted(parsing._SETTINGS))
def test_every_setting_is_documented(name: str) -> None:
    assert f"\n## `{name}`\n" in CONFIG_PAGE


@pytest.mark.parametrize("name", Rule.__struct_fields__)
def test_every_demand_of_a_rule_is_documented(name: str) -> None:
    assert f"\n| `{name}` | " in CONFIG_PAGE


def test_the_documented_defaults_are_the_real_ones() -> None:
    [defaults] = re.findall(r"<!-- defaults -->\n```yaml\n(.*?)```", CONFIG_PAGE, re.DOTALL)
    written = yaml.safe_load(defaults)

    read = {
        **asdict(parse_config(defaults.encode())),
        "tracks_ignored": False,
        "names_params": False,
    }
    assert (read.pop("promotion"), read.pop("sweeps")) == (Config().promote, Config().sweep)

    assert read | {"promotion": None, "sweeps": None} == asdict(Config())
    assert set(written) == set(parsing._SETTINGS) - {
        "command",
        "remote_branch",
        "mirror",
        "hydra",
        "evaluate",
    }


def test_every_example_of_settings_can_be_read() -> None:
    pages = CONFIG_PAGE + (DOCS / "how-to" / "set-a-policy.md").read_text()
    examples = re.findall(r"```yaml\n(.*?)```", pages, re.DOTALL)

    read = [parse_config(example.encode()) for example in examples]

    assert len(read) > 1


@pytest.mark.parametrize("value", [RunRecord, Exit, Inputs, Machine, Resources, DataPointer])
def test_every_field_of_a_record_is_documented(value: type[Struct]) -> None:
    above: dict[type[Struct], str] = {
        Exit: "exit.",
        Inputs: "inputs.",
        Resources: "resources.",
        Machine: "machine.",
        DataPointer: "pointers[].",
    }
    names = {f"{above.get(value, '')}{name}" for name in value.__struct_fields__}

    documented = set(re.findall(r"^\| `([\w.\[\]]+)` \| ", FORMAT_PAGE, re.MULTILINE))

    assert names - documented == (NOT_WRITTEN if value is RunRecord else set())


def test_the_example_record_is_one_that_gitexp_reads_and_writes() -> None:
    example = _example("run.json")

    record = from_json(example)

    assert record.extra == {}
    assert to_json(record) == example.encode()


def test_the_example_message_is_the_one_of_the_example_record() -> None:
    record = from_json(_example("run.json"))

    message = message_text(record, Policy(), previous={})

    assert message == _example("message")


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_the_documented_root_is_that_of_the_branch(object_format: str) -> None:
    assert f" | `{root_oid(object_format)}` |\n" in FORMAT_PAGE


def test_overrides_do_what_the_table_says() -> None:
    params = _params()
    before = params.decode().splitlines()
    rows = re.findall(r"^\| `-S ([^|]+)` \| (`[^|]+`|gone) \| .*\|$", PARAMS_PAGE, re.MULTILINE)

    results = {typed: _overridden(params, typed) for typed, _ in rows}

    assert len(rows) > 1
    for typed, line in rows:
        changed = [found for found in results[typed] if found not in before]
        expected = [] if line == "gone" else [line.strip("`")]
        assert (typed, changed) == (typed, expected)
        assert results[typed] != before


def test_overrides_are_refused_as_the_table_says() -> None:
    params = _params()
    rows = re.findall(r"^\| `-S ([^|]+)` \| ([^`|]+) \|$", PARAMS_PAGE, re.MULTILINE)

    assert len(rows) > 1
    for typed, said in rows:
        with pytest.raises(GitexpError, match=f"^{re.escape(said)}$"):
            _overridden(params, typed)


def test_queries_are_true_of_the_documented_run() -> None:
    run = _documented_run()
    typed = [text for text, *_ in _queries() if not _said_of(text)]

    assert len(typed) > 50
    assert [text for text in typed if not matches(_query(text), run)] == []


def test_queries_are_refused_as_the_table_says() -> None:
    refused = [(text, said) for text, *_ in _queries() if (said := _said_of(text))]

    assert len(refused) > 5
    for text, said in refused:
        with pytest.raises(GitexpError, match=f"^{re.escape(said)}\n"):
            _query(text)


def test_the_expectations_of_the_page_can_be_read() -> None:
    table = QUERY_PAGE.partition("\n## Expectations\n")[2].partition("\n## ")[0]
    typed = [text.strip() for _, text in re.findall(r"^\| (`+)(.+?)\1 \|", table, re.MULTILINE)]

    assert len(typed) > 5
    for text in typed:
        assert list(leaves(parse_expectation(text, now=NOON)))


def test_the_queries_that_assistants_are_told_can_be_read() -> None:
    page = (DOCS / "how-to" / "use-with-assistants.md").read_text()
    typed = re.findall(r"^\| `(.+?)` \|", page.partition("**Queries**")[2], re.MULTILINE)

    assert len(typed) == len([parse(text, now=NOON, zone=timezone.utc) for text in typed]) == 10


def test_every_attribute_is_documented() -> None:
    named = re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", QUERY_PAGE, re.MULTILINE)

    assert sorted(named) == sorted(ATTRIBUTES)


def test_the_queries_of_the_how_to_can_be_read() -> None:
    typed = re.findall(r"""--where (?:"([^"]+)"|'([^']+)')$""", FINDING_PAGE, re.MULTILINE)
    read = [parse((a or b).replace("$(git rev-parse main)", "3f2a"), now=NOON) for a, b in typed]

    assert len(read) > 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = _without_code(page.read_text())
    links = re.findall(r"\]\((?!https?://)([^)#]*)(?:#([^)]+))?\)", text)

    broken = [
        f"{path}#{anchor}"
        for path, anchor in links
        if not _exists(page.parent / path if path else page, anchor)
    ]

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_every_module_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"`((?:gitexp|tests|docs|templates)/[\w./-]*)`", page.read_text()))

    assert [path for path in named if not (TOP / path).exists()] == []


def test_the_architecture_fits_on_two_screens() -> None:
    lines = (DOCS / "architecture.md").read_text().splitlines()

    rows = sum(max(len(line) - 1, 0) // _SCREEN_WIDTH + 1 for line in lines)

    assert rows <= 2 * _SCREEN_ROWS, "rare rows belong into where-to-look.md"


@pytest.mark.parametrize("name", ["architecture.md", "where-to-look.md"])
def test_every_file_that_a_map_of_the_code_names_is_there(name: str) -> None:
    named = set(re.findall(r"`(\w+\.py)`", (DOCS / name).read_text()))
    there = {path.name for path in (TOP / "gitexp").rglob("*.py")}

    assert named - there == set()


def test_every_package_has_its_place_in_the_architecture() -> None:
    page = (DOCS / "architecture.md").read_text()
    parts = {path.name for path in (TOP / "gitexp").iterdir() if not path.name.startswith("_")}

    assert [name for name in parts if f"`gitexp/{name}" not in page and name != "py.typed"] == []


def test_every_decision_is_in_the_index() -> None:
    index = (DOCS / "adr" / "README.md").read_text()
    numbered = sorted(path.name for path in (DOCS / "adr").glob("0*.md"))

    assert [name for name in numbered if f"({name})" not in index] == []
    assert len({name[:4] for name in numbered}) == len(numbered)


SECURITY_PAGE = (DOCS / "explanation" / "security.md").read_text()


def test_each_line_of_the_threat_model_names_a_test_that_exists() -> None:
    table = SECURITY_PAGE.partition("| who |")[2].partition("\n\n")[0].splitlines()[2:]
    lines = [
        re.fullmatch(r"\|.*\|.*\|.*\| `(tests/[\w/]+\.py)::(test_\w+)` \|", one) for one in table
    ]

    named = [(one[1], one[2]) for one in lines if one is not None]
    there = {path: (TOP / path).read_text() for path in {path for path, _ in named}}

    assert len(named) == len(table) > 60
    assert [name for path, name in named if f"\ndef {name}(" not in there[path]] == []


def test_no_line_of_the_changelog_stands_twice() -> None:
    entries = re.split(r"^- ", (TOP / "CHANGELOG.md").read_text(), flags=re.MULTILINE)[1:]
    assert [one for one, count in Counter(entries).items() if count > 1] == []


def test_the_glossary_is_in_order() -> None:
    words = re.findall(r"^## (.+)$", (DOCS / "glossary.md").read_text(), re.MULTILINE)

    assert words == sorted(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_every_option_of_an_example_exists(page: Path) -> None:
    wrong = [
        f"gitexp {' '.join(words)}: {option}"
        for words in _typed(page.read_text())
        for option in _unknown_options(words)
    ]

    assert wrong == []


def test_an_option_that_does_not_exist_is_found() -> None:
    page = "```sh\ngitexp -C a ls --where 'a = \"b\"' --sort loss\n```\n`gitexp show a --jsn`"

    assert [_unknown_options(words) for words in _typed(page)] == [["--sort"], ["--jsn"]]


def test_no_hint_says_to_install_gitexp_from_an_index() -> None:
    files = [*PAGES, *(TOP / "gitexp").rglob("*.py")]

    assert [file.name for file in files if "pip install 'gitexp" in file.read_text()] == []


def test_every_json_example_is_json() -> None:
    blocks = [
        (page.name, block)
        for page in PAGES
        for block in re.findall(r"```json\n(.*?)```", page.read_text(), re.DOTALL)
    ]

    assert blocks
    for page, block in blocks:
        assert json.loads(block), page


@pytest.mark.parametrize("name", gitexp.__all__)
def test_every_name_of_the_python_api_is_documented(name: str) -> None:
    page = (REFERENCE / "python.md").read_text()

    assert re.search(rf"^## `gitexp\.{name}`", page, re.MULTILINE)


@pytest.mark.parametrize("name", ["runs", "get", "best", "diff", "find_model", "load_model"])
def test_the_python_api_is_called_as_the_page_says(name: str) -> None:
    function = getattr(gitexp, name)
    signature = inspect.signature(function)
    bare = [one.replace(annotation=one.empty) for one in signature.parameters.values()]
    called = f"gitexp.{name}{inspect.Signature(bare)}"

    assert f"```python\n{called}\n```" in (REFERENCE / "python.md").read_text()
    said = inspect.getdoc(function) or ""
    assert [part for part in ("Args:", "Returns:", "Raises:") if part not in said] == []
    assert [one.name for one in bare if f"\n    {one.name}: " not in said] == []


_SHELL = re.compile(r"^```(?:sh|console|bash)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_ENDS = {"--", "|", "||", "&&", ";", ">", ">>", "2>&1", "#"}
_PROGRAMS = {"python", "sh", "bash", "uv", "dvc", "poetry", "torchrun", "accelerate", "papermill"}


def _typed(text: str) -> list[list[str]]:
    """Return the words after `gitexp` of each command in shell examples and between backticks."""
    joined = re.sub(r"\\\n\s*", " ", text)
    lines = [line for block in _SHELL.findall(joined) for line in block.splitlines()]
    spans = re.findall(r"`(gitexp [^`\n]+)`", _SHELL.sub("", joined))
    found = []
    for line in (*lines, *spans):
        with contextlib.suppress(ValueError):  # output that a shell would not read
            words = shlex.split(line.removeprefix("$ "))
            if words[:1] == ["gitexp"]:
                found.append(words[1:])
    return found


def _unknown_options(words: list[str]) -> list[str]:
    """Return the options of one command that it does not have, up to what it is to run."""
    ctx = click.Context(cli, **cli.context_settings)
    command: click.Command | None = cli
    unknown = []
    for word in words:
        if word in _ENDS or word in _PROGRAMS:
            break
        if isinstance(command, click.Group) and word in command.list_commands(ctx):
            command = command.get_command(ctx, word)
        option = word.partition("=")[0].rstrip(",.")
        if re.fullmatch(r"--\w[\w-]*", option) and command is not None:
            known = {
                name for one in command.get_params(ctx) for name in (*one.opts, *one.secondary_opts)
            }
            unknown += [] if option in known else [option]
    return unknown


def _example(name: str) -> str:
    [example] = re.findall(
        rf"<!-- example: {re.escape(name)} -->\n```\w+\n(.*?)```", FORMAT_PAGE, re.DOTALL
    )
    return str(example)


def _params() -> bytes:
    [params] = re.findall(r"<!-- params -->\n```yaml\n(.*?)```", PARAMS_PAGE, re.DOTALL)
    return str(params).encode()


def _overridden(params: bytes, typed: str) -> list[str]:
    [text] = shlex.split(typed)
    edited = apply_overrides({"params.yaml": params}, [parse_override(text)])
    return edited["params.yaml"].decode().splitlines()


def _queries() -> list[tuple[str, ...]]:
    """Return the rows of the tables of expressions, of two columns each."""
    before, _, after = QUERY_PAGE.partition("\n## Expectations\n")
    page = f"{before}\n## {after.partition(chr(10) + '## ')[2]}"
    rows = re.findall(r"^\| (`+)(.+?)\1 \|([^|]*)\|$", page, re.MULTILINE)
    return [(text.strip(" "), said.strip()) for _, text, said in rows]


def _said_of(text: str) -> str:
    """Return the mistake that the last table tells of an expression; '' for an example."""
    rows = QUERY_PAGE.partition("\n## Mistakes\n")[2]
    told: dict[str, str] = dict(re.findall(r"^\| `(.+?)` \| (.+) \|$", rows, re.MULTILINE))
    return told.get(text, "")


def _documented_run() -> RunValues:
    [written] = re.findall(r"<!-- run -->\n```yaml\n(.*?)```", QUERY_PAGE, re.DOTALL)
    values = yaml.safe_load(written)
    values["attributes"]["tag"] = tuple(values["attributes"]["tag"])
    return RunValues(**values)


def _query(text: str) -> Expression:
    run = _documented_run()
    columns = [Column("metrics", name) for name in run.metrics]
    columns += [Column("params", name) for name in run.params]
    return resolve(parse(text, now=NOON, zone=timezone.utc), columns)


def _without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def _exists(page: Path, anchor: str) -> bool:
    if not page.exists():
        return False
    if not anchor:
        return True
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return anchor in {_anchor(heading) for heading in headings}


def _anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
