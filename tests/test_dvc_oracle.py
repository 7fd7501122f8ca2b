"""`gitexp diff --json` against DVC: the same is said of every param and metric.

They differ on purpose in what follows; `_as_dvc_sees` and the last tests say it in code.

- DVC ignores nulls and lists in metrics, and empty mappings everywhere; to gitexp they are
  values, and absent is not null (`"absent": "old"` tells them apart).
- To DVC true is 1 and false is 0, in comparing and in subtracting; to gitexp they are not.
- To DVC every NaN differs from itself; to gitexp NaN is NaN, and JSON has `{"$float": "nan"}`.
- DVC compares lists by their text, so that `[1]` is not `[1.0]`; gitexp compares the values.
- DVC's differences carry binary noise: 0.3 - 0.4 is -0.10000000000000003.
- DVC cannot read a file in which two ways lead to one flat name.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.repo import Repo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitexp.cli.main import main
from gitexp.model.values import flatten

from tests import workshop
from tests.workshop import commit_all, write

Document = dict[str, Any]
Pair = tuple[Document, Document]
Diff = dict[str, dict[str, dict[str, Any]]]

FILES = 6
"""Documents of a kind in one commit: comparing two commits costs more than comparing documents."""

WORDS = "yes no on ~ 1e5 1e-3 .5 1. +1 010 0o17 0x1F 1_000 12:30 12:30:45 Null TRUE 1e 0b1".split()
"""What YAML 1.1, YAML 1.2 and people read differently."""

letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"))
texts = st.one_of(st.text(letters, max_size=6), st.sampled_from(WORDS))
integers = st.integers(-(10**15), 10**15)
floats = st.floats(-1e300, 1e300, allow_nan=False)
scalars = st.one_of(integers, floats, texts, st.booleans(), st.none())
lists = st.lists(st.one_of(integers, texts, st.none(), st.sampled_from([0.5, -1.25])), max_size=3)
keys = st.one_of(
    st.sampled_from(["loss", "val/loss", "a.b", "top-5", "f1 @ 0.5", "ü", "損失", '"', "#", "1"]),
    st.text(letters, min_size=1, max_size=4),
)
values = st.recursive(
    st.one_of(scalars, lists),
    lambda below: st.dictionaries(keys, below, max_size=3),
    max_leaves=6,
)


def _is_unambiguous(document: Document) -> bool:
    def leaves(value: object) -> int:
        if isinstance(value, dict) and value:
            return sum(map(leaves, value.values()))
        return 1

    return len(flatten(document)) == (leaves(document) if document else 0)


documents = st.dictionaries(keys, values, max_size=4).filter(_is_unambiguous)


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Draw two documents, the second one an edit of the first."""
    old = draw(documents)
    edits = draw(st.dictionaries(st.sampled_from([*old, "new"]), values, max_size=3))
    new = {**old, **edits}
    for gone in draw(st.sets(st.sampled_from([*old, "new"]), max_size=1)):
        new.pop(gone, None)
    return old, new if _is_unambiguous(new) else old


batches = st.lists(pairs(), min_size=FILES, max_size=FILES)


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """Nothing: the work tree has no commit."""
    return {}


@pytest.fixture
def work_tree(work_tree: Path) -> Path:
    """The work tree, with DVC in it."""
    write(work_tree, {".dvc/config": "[core]\n    analytics = false\n"})
    return work_tree


@pytest.fixture
def dvc(work_tree: Path) -> Iterator[Repo]:
    """DVC itself, opened once: starting it takes half a second."""
    with Repo(str(work_tree)) as repo:
        yield repo


def _commit(*trees: Mapping[str, str]) -> list[str]:
    """Commit trees one after another and return their oids."""
    stream = []
    for number, tree in enumerate(trees, 1):
        who = f"committer Ada <ada@example.com> {number} +0000"
        stream.append(f"commit refs/heads/main\nmark :{number}\n{who}\ndata 0\ndeleteall\n")
        for path, content in tree.items():
            size = len(content.encode())
            stream.append(f"M 100644 inline {path}\ndata {size}\n{content}\n")
    stream += [f"get-mark :{number}\n" for number in range(1, len(trees) + 1)]
    ended = subprocess.run(
        ["git", "fast-import", "--quiet", "--force"],
        input="".join(stream).encode(),
        capture_output=True,
        check=True,
    )
    return ended.stdout.decode().split()


def _judged(result: Mapping[str, Any]) -> Diff:
    assert "errors" not in result, result["errors"]
    diff: Diff = result.get("diff", {})
    return diff


def _gitexp_diff(old: str, new: str) -> dict[str, Diff]:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert main(["diff", old, new, "--json"]) == 0
    found: dict[str, Diff] = json.loads(printed.getvalue())
    return found


def _as_dvc_sees(diff: Diff, *, metrics: bool) -> Diff:
    """Leave out what is no change to DVC, and subtract truth values as DVC does."""
    seen: Diff = {}
    for file, changes in diff.items():
        for name, change in changes.items():
            old, new = (_known_to_dvc(change[side], metrics=metrics) for side in ("old", "new"))
            if old == new:
                continue
            entry = {"old": old, "new": new}
            if isinstance(old, int | float) and isinstance(new, int | float):
                entry["diff"] = new - old
            seen.setdefault(file, {})[name] = entry
    return seen


def _known_to_dvc(value: object, *, metrics: bool) -> object:
    is_list = isinstance(value, str) and value.startswith("[") and value.endswith("]")
    return None if value == {} or (metrics and is_list) else value


def _truths_alike(diff: Diff) -> None:
    """Check what gitexp says of each difference itself."""
    for changes in diff.values():
        for change in changes.values():
            old, new = change["old"], change["new"]
            numbers = [isinstance(one, int | float) for one in (old, new)]
            truths = [isinstance(one, bool) for one in (old, new)]
            assert ("diff" in change) == (all(numbers) and truths[0] == truths[1])
            if "diff" in change:
                noise = 4e-16 * max(abs(old), abs(new))
                assert math.isclose(change["diff"], new - old, rel_tol=1e-12, abs_tol=noise)


def _config(kind: str, names: list[str]) -> str:
    return json.dumps({"metrics": [], "params": [], kind: names})


def test_metrics_of_two_commits_are_those_of_dvc_metrics_diff(dvc: Repo) -> None:
    names = [f"metrics-{number}.json" for number in range(FILES)]

    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    @given(batches)
    def same(batch: list[Pair]) -> None:
        config = {"gitexp.yaml": _config("metrics", names)}
        trees = [
            config | {name: json.dumps(pair[side]) for name, pair in zip(names, batch, strict=True)}
            for side in (0, 1)
        ]
        old, new = _commit(*trees)

        judged = _judged(dvc.metrics.diff(a_rev=old, b_rev=new, targets=names))
        found = _gitexp_diff(old, new)["metrics"]

        assert _as_dvc_sees(found, metrics=True) == judged
        _truths_alike(found)

    same()


def test_params_of_two_commits_are_those_of_dvc_params_diff(dvc: Repo) -> None:
    names = [f"params-{number}.{'json' if number % 2 else 'yaml'}" for number in range(FILES)]

    def text(name: str, document: Document) -> str:
        if name.endswith(".json"):
            return json.dumps(document, ensure_ascii=False)
        return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)

    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    @given(batches)
    def same(batch: list[Pair]) -> None:
        config = {"gitexp.yaml": _config("params", names)}
        trees = [
            config | {name: text(name, pair[side]) for name, pair in zip(names, batch, strict=True)}
            for side in (0, 1)
        ]
        old, new = _commit(*trees)

        judged = _judged(dvc.params.diff(a_rev=old, b_rev=new, targets=names))
        found = _gitexp_diff(old, new)["params"]

        assert _as_dvc_sees(found, metrics=False) == judged
        _truths_alike(found)

    same()


def test_unquoted_words_of_yaml_are_read_as_dvc_reads_them(dvc: Repo) -> None:
    content = "".join(f"key-{number}: {word}\n" for number, word in enumerate(WORDS))
    config = {"gitexp.yaml": _config("params", ["params.yaml"])}
    old, new = _commit({**config, "params.yaml": "{}\n"}, {**config, "params.yaml": content})

    judged = dvc.params.diff(a_rev=old, b_rev=new, targets=["params.yaml"])["diff"]

    assert _as_dvc_sees(_gitexp_diff(old, new)["params"], metrics=False) == judged


def test_metrics_of_two_runs_are_those_of_the_dvc_command_line(
    work_tree: Path,
) -> None:
    train = 'echo "{\\"accuracy\\": $1, \\"val\\": {\\"loss\\": $2}}" > metrics.json\n'
    (work_tree / "train.sh").write_text(train)
    commit_all(work_tree)
    assert main(["run", "-n", "first", "sh", "train.sh", "0.942", "0.115"]) == 0
    assert main(["run", "-n", "second", "sh", "train.sh", "0.961", "0.104"]) == 0

    revs = ("experiments~1", "experiments")
    command = ["metrics", "diff", *revs, "--json", "--targets", "metrics.json"]
    told = workshop.dvc(*command)
    found = _gitexp_diff(*revs)["metrics"]

    assert found == {
        "metrics.json": {
            "accuracy": {"old": 0.942, "new": 0.961, "diff": 0.019},
            "val.loss": {"old": 0.115, "new": 0.104, "diff": -0.011},
        }
    }
    assert _as_dvc_sees(found, metrics=True) == json.loads(told)


def test_where_gitexp_and_dvc_differ_on_purpose(dvc: Repo) -> None:
    config = {"gitexp.yaml": _config("params", ["params.json"])}
    before = (
        '{"nan": NaN, "flag": true, "list": [1], "gone": null, "empty": {}, "n": 1, "step": 0.3}'
    )
    after = '{"nan": NaN, "flag": 1, "list": [1.0], "step": 0.4, "n": 1.0}'
    old, new = _commit({**config, "params.json": before}, {**config, "params.json": after})

    judged = dvc.params.diff(a_rev=old, b_rev=new, targets=["params.json"])["diff"]["params.json"]
    found = _gitexp_diff(old, new)["params"]["params.json"]

    assert set(judged) == {"nan", "list", "step"}
    assert found == {
        "empty": {"old": {}, "new": None},
        "flag": {"old": True, "new": 1},
        "gone": {"old": None, "new": None, "absent": "new"},
        "list": {"old": "[1]", "new": "[1.0]"},
        "n": {"old": 1, "new": 1.0, "diff": 0.0},
        "step": {"old": 0.3, "new": 0.4, "diff": 0.1},
    }
    assert judged["step"]["diff"] == 0.10000000000000003
