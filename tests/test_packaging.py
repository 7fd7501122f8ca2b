"""Promises about the whole: what start-up costs, how the code is cut, what is shipped."""

from __future__ import annotations

import ast
import functools
import itertools
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest

import gitexp
from gitexp.cli.main import cli
from gitexp.cli.sections import COMMANDS
from gitexp.doctor.setting import OLDEST_GIT

from tests.workshop import commit_all

TOP = Path(gitexp.__file__).parents[1]
MODULES = sorted((TOP / "gitexp").rglob("*.py"))
REFERENCE = TOP / "docs" / "reference" / "commands.md"

HEAVY = frozenset(
    "aiohttp antlr4 anyio asyncio detect_secrets dulwich dvc dvc_data dvc_objects fsspec git gto "
    "hydra importlib.metadata joblib mcp networkx numpy omegaconf pandas pathspec platformdirs "
    "polars psutil pydantic pygit2 requests rich ruamel.yaml scipy scmrepo sklearn tomlkit "
    "tqdm".split()
)
"""What takes longer to import than a command may take to start."""

MOST_LINES = 350
MOST_LINES_OF_A_FUNCTION = 50
VAGUE = {
    "base",
    "common",
    "core",
    "handler",
    "helper",
    "helpers",
    "manager",
    "misc",
    "util",
    "utils",
}

IMPORTED = """
import sys
try:
    {statement}
finally:
    sys.stderr.write("\\n".join(sorted(sys.modules)))
"""


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A param alone."""
    return {"params.yaml": "rate: 0.1\n"}


@pytest.fixture
def work_tree(work_tree: Path) -> Path:
    """The work tree, with a second commit that differs in the param."""
    (work_tree / "params.yaml").write_text("rate: 0.2\n")
    commit_all(work_tree, "more")
    return work_tree


def imported(statement: str, cwd: Path) -> set[str]:
    """Return the names of the modules that a program has imported in the end."""
    script = IMPORTED.format(statement=statement)
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=cwd, capture_output=True, text=True, check=True
    )
    return set(ended.stderr.splitlines())


def calling(*argv: str) -> str:
    return f"from gitexp.cli.main import main; assert main({list(argv)!r}) == 0"


def test_starting_gitexp_imports_nothing_heavy(tmp_path: Path) -> None:
    for statement in ("import gitexp.cli.main", calling("--version")):
        names = imported(statement, tmp_path)

        assert names & HEAVY == set()
        assert (
            names & {"sqlite3", "yaml", "json", "gitexp.project", "gitexp.settings.config"} == set()
        )


def test_importing_the_package_imports_nothing_at_all(tmp_path: Path) -> None:
    names = imported("import gitexp", tmp_path)

    assert {name for name in names if name.startswith(("gitexp", "click"))} == {"gitexp"}


@pytest.mark.parametrize(
    "argv",
    [
        ("ls",),
        ("ls", "--json"),
        ("diff", "HEAD~1", "HEAD"),
        ("diff",),
        ("check",),
        ("run", "--dry-run", "ls"),
    ],
)
def test_commands_that_only_read_import_nothing_heavy(
    work_tree: Path, argv: tuple[str, ...]
) -> None:
    assert imported(calling(*argv), work_tree) & HEAVY == set()


def test_listing_imports_neither_a_parser_nor_a_cipher(work_tree: Path) -> None:
    (work_tree / "gitexp.yaml").write_text("policy:\n  loss: {goal: min}\n")
    assert imported(calling("run", "--", "true"), work_tree)

    (work_tree / "gitexp.yaml").write_text("policy:\n  loss: {goal: max}\n")
    first, second = (imported(calling("ls", "--json"), work_tree) for _ in range(2))

    assert "yaml" in first
    assert second & {"yaml", "_hashlib", "shutil", "csv"} == set()


def test_reading_runs_from_python_imports_nothing_heavy(work_tree: Path) -> None:
    names = imported("import gitexp; gitexp.runs(); gitexp.GitexpError", work_tree)

    assert names & HEAVY == set()
    assert "click" not in names


def test_completing_imports_nothing_heavy(work_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_GITEXP_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "gitexp diff ma")
    monkeypatch.setenv("COMP_CWORD", "2")

    assert imported(calling(), work_tree) & HEAVY == set()


def test_showing_a_run_imports_nothing_heavy(work_tree: Path) -> None:
    run = [sys.executable, "-m", "gitexp", "run", "-n", "one", "true"]
    subprocess.run(run, cwd=work_tree, capture_output=True, check=True)

    assert imported(calling("show", "one"), work_tree) & HEAVY == set()


def test_no_module_has_more_lines_than_one_can_hold_in_mind() -> None:
    lines = {str(path.relative_to(TOP)): path.read_text().count("\n") for path in MODULES}

    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


@functools.cache
def parsed(path: Path) -> ast.Module:
    """Parse a module once for all tests: it takes a second for all of them."""
    return ast.parse(path.read_text())


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the functions of a module with their lines, the docstring not counted."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            documented = ast.get_docstring(node) is not None
            said = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            yield (
                f"{path.relative_to(TOP)}:{node.name}",
                (node.end_lineno or 0) - node.lineno - said + 1,
            )


def test_no_function_has_more_lines_than_a_screen() -> None:
    long = {
        name: count
        for path in MODULES
        for name, count in functions(path)
        if count > MOST_LINES_OF_A_FUNCTION
    }

    assert long == {}


def test_nothing_has_a_name_that_says_nothing() -> None:
    paths = [*MODULES, *(path.parent for path in MODULES)]

    assert {path.name for path in paths if path.stem.strip("_") in VAGUE} == set()


def test_every_module_says_in_one_line_what_it_is_for() -> None:
    said = {path: ast.get_docstring(parsed(path)) for path in MODULES}

    silent = [
        str(path)
        for path, text in said.items()
        if not text or not text.split("\n")[0].endswith((".", "?"))
    ]
    assert silent == []


def test_every_module_has_its_tests() -> None:
    """A module of one line, or one that is tested through its neighbour, needs none."""
    tested = {path.name for path in (TOP / "tests").rglob("test_*.py")}
    commands = [f"test_{name.replace('-', '_')}.py" for name in COMMANDS]

    assert [name for name in commands if name not in tested] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_help_and_is_documented(name: str) -> None:
    command = cli.get_command(click.Context(cli, **cli.context_settings), name)
    reference = REFERENCE.read_text()

    assert command is not None
    assert command.help
    section = reference.partition(f"## `gitexp {name}`")[2].partition("\n## ")[0]
    assert section
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, option.name
            assert option.opts[-1] in section, option.name


def test_what_is_imported_is_declared() -> None:
    """Also what DVC happens to bring along: it may stop doing so.

    What compares files takes libraries from the Python of the command, and does without them;
    each callback is imported by a training that has its library.
    """
    import tomlkit  # noqa: PLC0415 - for this test alone

    project = tomlkit.parse((TOP / "pyproject.toml").read_text()).unwrap()["project"]
    extras = (
        project["optional-dependencies"][name]
        for name in (
            "dask",
            "export",
            "gpu",
            "mcp",
            "pandas",
            "plots",
            "polars",
            "ray",
            "stats",
            "sweep",
            "tensorboard",
            "ui",
        )
    )
    needed = [*project["dependencies"], *itertools.chain.from_iterable(extras)]
    declared = {name.partition(">")[0].partition("[")[0].lower() for name in needed}
    known = {
        "git": "gitpython",
        "hydra": "hydra-core",
        "markdown_it": "markdown-it-py",
        "pynvml": "nvidia-ml-py",
        "ruamel": "ruamel.yaml",
        "vl_convert": "vl-convert-python",
        "yaml": "pyyaml",
    }
    used = set()
    for path in MODULES:
        if not {"contents", "callbacks"}.isdisjoint(path.relative_to(TOP).parts):
            continue
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Import):
                used |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                used.add((node.module or "").partition(".")[0])
    foreign = used - set(sys.stdlib_module_names) - {"gitexp"}

    assert {known.get(name, name).replace("_", "-") for name in foreign} <= declared


def test_the_oldest_versions_that_ci_tries_are_the_lower_bounds() -> None:
    import tomlkit  # noqa: PLC0415 - for this test alone

    project = tomlkit.parse((TOP / "pyproject.toml").read_text()).unwrap()["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"]]
    extras_of_tests = (
        "demo",
        "export",
        "gpu",
        "mcp",
        "pandas",
        "polars",
        "stats",
        "sweep",
        "tensorboard",
    )
    for name in (*extras_of_tests, "test", "ui"):
        needed += [one for one in extras[name] if ">=" in one]
    bounds = [re.sub(r"\[.*\]", "", one).replace(">=", "==") for one in needed]

    lines = (TOP / ".ci" / "oldest.txt").read_text().splitlines()

    assert [line for line in lines if not line.startswith("#")] == sorted(bounds)


def test_the_oldest_git_is_the_same_everywhere() -> None:
    oldest = ".".join(map(str, OLDEST_GIT))
    pages = ("README.md", "CONTRIBUTING.md", "docs/conventions.md", ".github/workflows/ci.yml")

    named = {page: set(re.findall(r"git (?:version )?(\d+\.\d+)", _text(page))) for page in pages}

    assert named == {page: {oldest} for page in pages}


def _text(page: str) -> str:
    return (TOP / page).read_text()


def test_a_part_of_the_checks_runs_alone(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    script = tmp_path / ".ci" / "run"
    script.write_bytes((TOP / ".ci" / "run").read_bytes())
    command = "printf '<%s>' tests"
    (tmp_path / "README.md").write_text(
        f"<!-- test command -->\n```sh\n{command}\n```\n<!-- end -->\n"
    )

    def called(*argv: str) -> tuple[int, str, str]:
        ended = subprocess.run(["bash", script, *argv], capture_output=True, text=True, check=False)
        return ended.returncode, ended.stdout, ended.stderr

    assert called("test") == (0, f"+ {command}\n<tests>", "")
    assert called("test", "a b", "c") == (0, f"+ {command} a b c\n<tests><a b><c>", "")
    assert called("lint") == (
        2,
        "",
        "error: no environment in .venv\nhint: `.ci/run test tests/model` makes one.\n",
    )
    assert called("fmt")[::2] == (
        2,
        "error: unknown part 'fmt'\nhint: The parts are 'lint' and 'test'; without, both run.\n",
    )


def test_the_wheel_holds_the_package_its_types_and_the_templates(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)]
    subprocess.run([*build, str(TOP)], capture_output=True, check=True)
    [wheel] = tmp_path.glob("*.whl")

    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        entry_points = archive.read(f"{wheel.name.split('-py3')[0]}.dist-info/entry_points.txt")

    assert {str(path.relative_to(TOP)) for path in MODULES} <= names
    assert {"gitexp/py.typed", "gitexp/_templates/sklearn/train.py"} <= names
    assert {
        "gitexp/_templates/sklearn/.gitignore",
        "gitexp/_templates/ci/github.yml",
        "gitexp/_templates/ci/github-models.yml",
    } <= names
    assert "gitexp/hooks/shim.sh" in names
    assert not [name for name in names if name.startswith(("tests/", "templates/", "benchmarks/"))]
    assert not [name for name in names if "__pycache__" in name]
    assert (
        entry_points.decode().split() == "[console_scripts] gitexp = gitexp.__main__:entry".split()
    )
