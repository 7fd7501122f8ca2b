"""What commands print with `--json`, held against the schemas that are published of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.workshop import MODELLING
from tests.workshop import Git, Gitexp, only_once

SCHEMAS = Path(__file__).parent.parent / "docs" / "reference" / "schemas"
NAMES = sorted(path.stem for path in SCHEMAS.glob("*.json"))
WRONG = {"$wrong": [1]}
"""What no field of a known type may be."""

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "best": ("best", "accuracy"),
    "check": ("check",),
    "diff": ("diff", "one", "told"),
    "diff-many": ("diff", "one", "two", "HEAD"),
    "doctor": ("doctor",),
    "gc": ("gc", "--dry-run"),
    "hooks-status": ("hooks", "status"),
    "import-dvc": ("import", "dvc"),
    "ls": ("ls",),
    "ls-group": ("ls", "--group"),
    "ls-baseline": ("ls", "--baseline", "one"),
    "ls-group-by": ("ls", "--group-by", "rate"),
    "ls-pivot": ("ls", "--pivot", "rate", "seed", "accuracy"),
    "lineage": ("lineage", "digits#prod"),
    "models": ("models",),
    "models-history": ("models", "history", "digits"),
    "note": ("note", "two"),
    "plot": ("plot", "accuracy", "--kind", "scatter", "--x", "rate"),
    "review": ("review", "HEAD", "told"),
    "show": ("show", "two"),
    "sql": ("sql", "select name, accuracy from runs"),
    "sql-tables": ("sql",),
    "tag": ("tag", "two"),
    "tag-all": ("tag",),
    "trend": ("trend", "accuracy"),
    "verify-signatures": ("verify-signatures", "--all"),
}
INSIDE = """
"$0" -m gitexp ls --running --json > "$1/ls-running"
"$0" -m gitexp show under-way --json > "$1/show-running"
"""


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project whose runs write a model."""
    return MODELLING


@pytest.fixture
def printed(gitexp: Gitexp, git: Git, work_tree: Path, tmp_path: Path) -> dict[str, Any]:
    """What each command prints in a repository that has something of everything."""

    def make() -> dict[str, Any]:
        found = {"run": ran("run", "-n", "one", "-m", "first"), **recorded()}
        found |= {name: ran(*words) for name, words in COMMANDS.items() if name != "import-dvc"}
        make_experiment(git, work_tree)
        (work_tree / "t.csv").write_text(
            "name,lr,loss,started\nt,1,2,2026-01-02T03:04:05Z\nu,1,2,x,y\n"
        )
        found["import-runs"] = ran("import", "csv", "t.csv")
        (work_tree / "t.csv").unlink()
        return {**found, "import-dvc": ran("import", "dvc")}

    def ran(*words: str) -> Any:
        code, out, err = gitexp(*words, "--json")
        assert code in (0, 1), (words, err)
        return json.loads(out)

    def recorded() -> dict[str, Any]:
        assert gitexp("run", "-n", "two", "-S", "rate=0.2").code == 0
        assert gitexp("run", "-n", "told", "-S", "rate=0.3", "--expect", "accuracy > 2").code == 0
        assert gitexp("run", "-n", "many", "--repeat", "2", "--repeat-key", "seed").code == 0
        assert gitexp("tag", "two", "good").code == 0
        assert gitexp("note", "two", "-m", "a note").code == 0
        assert gitexp("promote", "two", "digits", "--stage", "prod").code == 0
        script = ("sh", "-c", INSIDE, sys.executable, str(tmp_path))
        assert gitexp("run", "-n", "under-way", "--", *script).code == 0
        space = ("rate=0.1,0.4", "--maximize", "accuracy", "-n", "wide")
        return {
            "sweep-plan": ran("sweep", "--dry-run", *space),
            "sweep": ran("sweep", *space),
            "verify": ran("verify", "two"),
            **{
                name: json.loads((tmp_path / name).read_text())
                for name in ("ls-running", "show-running")
            },
        }

    return only_once("something of everything", work_tree, make)


def make_experiment(git: Git, top: Path) -> None:
    """Make an experiment as DVC does: a commit under its own refs."""
    base = git("rev-parse", "HEAD").strip()
    (top / "dvc.yaml").write_text("metrics: [metrics.json]\n")
    git("add", "--all")
    tree = git("write-tree").strip()
    git("reset", "--quiet", "--hard")
    oid = git("commit-tree", tree, "-p", base, "-m", "dvc: commit experiment first").strip()
    git("update-ref", f"refs/exps/{base[:2]}/{base[2:]}/first", oid)


def schema_of(name: str) -> dict[str, Any]:
    return dict(json.loads((SCHEMAS / f"{name}.json").read_text()))


def closed(schema: Any) -> Any:
    """Return a schema that allows no field but those it names."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(one) for key, one in schema.items()}
    if isinstance(schema.get("properties"), dict):
        found["properties"] = {key: closed(one) for key, one in schema["properties"].items()}
        found.setdefault("additionalProperties", False)
    return found


def spoiled(document: Any, schema: Any) -> Iterator[tuple[str, Any]]:
    """Yield the document, each time with one needed field gone or one typed field wrong."""
    if "anyOf" in schema and isinstance(document, dict):
        schema = max(schema["anyOf"], key=lambda one: len(document.keys() & names_of(one)))
    if isinstance(document, list) and document and "items" in schema:
        for what, first in spoiled(document[0], schema["items"]):
            yield f"[0]{what}", [first, *document[1:]]
    if isinstance(document, dict) and "properties" in schema:
        for name in schema["required"]:
            yield f" without {name}", {key: one for key, one in document.items() if key != name}
        for name in schema["properties"].keys() & document.keys():
            for what, one in spoiled_field(document[name], schema["properties"][name]):
                yield f".{name}{what}", {**document, name: one}


def names_of(schema: Any) -> set[str]:
    return set(schema.get("properties", ()))


def spoiled_field(value: Any, schema: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a field must not be; of one that may be anything, or has many names, nothing."""
    if schema and (schema.get("type") != "object" or "properties" in schema):
        yield " wrong", WRONG
        yield from spoiled(value, schema)


def test_every_schema_is_one_and_is_up_to_date() -> None:
    for name in NAMES:
        Draft202012Validator.check_schema(schema_of(name))

    script = SCHEMAS / "generate.py"
    checked = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stderr) == (0, "")


def test_what_each_command_prints_is_described_to_the_last_field(printed: dict[str, Any]) -> None:
    wrong = {
        f"{name}{error.json_path}": error.message[:200]
        for name in NAMES
        for error in Draft202012Validator(closed(schema_of(name))).iter_errors(printed[name])
    }

    assert wrong == {}
    assert sorted(printed) == NAMES
    assert all(printed.values())


def test_a_field_that_is_gone_or_of_another_type_is_found(printed: dict[str, Any]) -> None:
    tried, unseen = set(), []
    for name in NAMES:
        schema = schema_of(name)
        validator = Draft202012Validator(schema)
        for what, document in spoiled(printed[name], schema):
            tried.add(name)
            if validator.is_valid(document):
                unseen.append(f"{name}{what}")

    assert unseen == []
    assert set(NAMES) - tried == {"sql", "tag", "tag-all"}


def test_every_schema_is_in_the_reference() -> None:
    page = (SCHEMAS.parent / "json.md").read_text()

    assert [name for name in NAMES if f"(schemas/{name}.json)" not in page] == []
