"""`gitexp lineage`: what came from what, over two projects of one repository."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import dedent

import pytest

from gitexp.errors import ExitCode
from gitexp.git.repository import Repository
from gitexp.model.record import DataPointer, Exit, Inputs, RunRecord
from gitexp.project import Project
from gitexp.store.facts import append as append_facts

from tests.recorded import put_run
from tests.workshop import Git, Gitexp, Outcome, only_once, write

RAW, CLEAN, HELD_OUT = "a" * 32, "b" * 32, "9" * 32
ONE, TWO, DISTILLED = "1" * 32, "2" * 32, "3" * 32


def dvc_file(path: str, md5: str) -> str:
    return f"outs:\n- md5: {md5}\n  size: 7\n  hash: md5\n  path: {path}\n"


def pointer(path: str, md5: str, *, wrote: bool = False) -> DataPointer:
    return DataPointer(path, md5, 1200, role="output" if wrote else "input")


RUNS = (
    ("prep", "", (pointer("data/raw.csv", RAW), pointer("data/clean.csv", CLEAN, wrote=True))),
    ("one", "", (pointer("data/clean.csv", CLEAN), pointer("model.pt", ONE, wrote=True))),
    ("two", "", (pointer("data/clean.csv", CLEAN), pointer("model.pt", TWO, wrote=True))),
    (
        "small",
        "edge",
        (pointer("teacher.pt", TWO), pointer("student.pt", DISTILLED, wrote=True)),
    ),
)


@pytest.fixture(autouse=True)
def recorded(work_tree: Path, tmp_path: Path, git: Git) -> None:
    """Data is cleaned, two models are made of it, and one of them teaches a small one."""

    def make() -> None:
        write(
            work_tree,
            {
                "data/raw.csv.dvc": dvc_file("raw.csv", RAW),
                "edge/gitexp.yaml": "",
            },
        )
        with Project.open(work_tree) as project:
            oids = [record(project.repository, at, tmp_path) for at in range(len(RUNS))]
        with Project.open(work_tree) as project:
            [two] = project.runs.index.named("two", "")
            said = {
                "metrics": {"accuracy": 0.91},
                "held_out": {"data/test.csv": HELD_OUT},
                "started": "",
                "ended": "",
            }
            append_facts(project.repository, [(two, "evaluate", said)])  # type: ignore[list-item]
        for tag, oid, path, md5 in (
            ("digits@v1.0.0", oids[2], "model.pt", TWO),
            ("edge=tiny@v0.1.0", oids[3], "student.pt", DISTILLED),
        ):
            told = f"as promoted\n\nGitexp-Model: {path}\nGitexp-Md5: {md5}\n"
            git("tag", "-a", tag, oid, "-m", told)
        git("tag", "-a", "digits#prod#1", oids[2], "-m", "to production")

    only_once("lineage", work_tree, make)


def record(repository: Repository, at: int, scratch: Path) -> str:
    name, project, pointers = RUNS[at]
    one = RunRecord(
        id=f"id{at:08}",
        name=name,
        status="done",
        exit=Exit(0),
        command=("python", "train.py"),
        baseline="b" * 40,
        inputs=Inputs("c" * 40),
        started=f"2025-01-0{at + 1}T03:04:05.000Z",
        ended=f"2025-01-0{at + 1}T03:04:10.000Z",
        project=project,
        pointers=pointers,
    )
    return put_run(repository, one, scratch)


def told(ended: Outcome) -> tuple[int, str, str]:
    """Return how a command ended, the day of an evaluation (today) left out."""
    return ended.code, re.sub(r"(of two  )[\d-]+", r"\1DAY", ended.out), ended.err


def test_a_model_says_where_it_comes_from_and_where_it_is_used(gitexp: Gitexp) -> None:
    assert told(gitexp("lineage", "digits#prod")) == (
        ExitCode.OK,
        dedent("""\
            model digits@v1.0.0

            Comes from
            └── model.pt  22222222, 1.2 kB, digits@v1.0.0
                └── run two  2025-01-03
                    └── data/clean.csv  bbbbbbbb, 1.2 kB
                        └── run prep  2025-01-01
                            └── data/raw.csv  aaaaaaaa, 1.2 kB

            Leads to
            ├── stage digits#prod
            └── evaluation of two  DAY, held_out.accuracy 0.91

            Led directly to 1 stage, 1 evaluation.
        """),
        "",
    )


def test_data_says_which_runs_used_it_and_downstream_what_came_of_it(gitexp: Gitexp) -> None:
    direct = gitexp("lineage", "data/raw.csv").out

    assert direct.splitlines()[3:] == ["└── run prep  2025-01-01", "", "Led directly to 1 run."]
    assert told(gitexp("lineage", "data/raw.csv", "--downstream")) == (
        ExitCode.OK,
        dedent("""\
            data/raw.csv  aaaaaaaa, 1.2 kB

            Leads to
            └── run prep  2025-01-01
                └── data/clean.csv  bbbbbbbb, 1.2 kB
                    ├── run two  2025-01-03
                    │   └── model.pt  22222222, 1.2 kB, also edge/teacher.pt, digits@v1.0.0
                    │       ├── run small (edge)  2025-01-04
                    │       │   └── edge/student.pt  33333333, 1.2 kB, edge:tiny@v0.1.0
                    │       │       └── model edge:tiny@v0.1.0
                    │       └── model digits@v1.0.0
                    │           ├── stage digits#prod
                    │           └── evaluation of two  DAY, held_out.accuracy 0.91
                    └── run one  2025-01-02
                        └── model.pt  11111111, 1.2 kB

            Led to 4 runs, 4 outputs, 2 versions of models, 1 stage, 1 evaluation.
            Models: digits@v1.0.0, edge:tiny@v0.1.0.
            Stages: digits#prod.
        """),
        "",
    )


@pytest.mark.parametrize(
    ("args", "kind", "label"),
    [
        (["two"], "run", "two"),
        (["latest"], "run", "two"),
        (["data/raw.csv"], "data", "data/raw.csv"),
        (["two:data/nothing.csv"], "", ""),
        (["aaaaaa"], "data", "data/raw.csv"),
        ([RAW], "data", "data/raw.csv"),
        (["digits"], "model", "digits@v1.0.0"),
        (["edge:tiny@0.1.0"], "model", "edge:tiny@v0.1.0"),
        ([HELD_OUT], "data", "data/test.csv"),
        (["8" * 32], "data", "8" * 32),
        (["8888888"], "", ""),
    ],
)
def test_what_is_meant_is_a_run_data_a_model_or_an_md5(
    args: list[str], kind: str, label: str, gitexp: Gitexp
) -> None:
    ended = gitexp("lineage", *args, "--json")

    if not kind:
        assert (ended.code, ended.out) == (ExitCode.ERROR, "")
        assert ended.err.startswith("error: ")
        return
    found = json.loads(ended.out)
    root = found["nodes"][found["root"]]
    assert (root["kind"], root["label"]) == (kind, label)
    assert {edge[end] for edge in found["edges"] for end in ("from", "to")} <= {
        one["number"] for one in found["nodes"]
    }


def test_graphs_and_errors(gitexp: Gitexp, work_tree: Path) -> None:
    dot = gitexp("lineage", "one", "--dot").out.splitlines()
    mermaid = gitexp("lineage", "one", "--mermaid").out.splitlines()

    assert (dot[0], dot[-1]) == ("digraph lineage {", "}")
    assert '  n0 [shape=ellipse, label="one\\n2025-01-02", style=bold];' in dot
    assert mermaid[:2] == ["graph LR", '    n0(["one #40;2025-01-02#41;"])']
    assert gitexp("lineage", "train.py") == (
        ExitCode.ERROR,
        "",
        (
            "error: 'train.py' is not behind a pointer\n"
            "hint: Lineage goes by pointers: `gitexp track` puts data behind one.\n"
        ),
    )
    assert gitexp("lineage", "digits@9.9.9").err.startswith("error: 'digits' has no version")
    assert gitexp("lineage", "onee").err == (
        "error: no run, data or model 'onee'\n"
        "hint: Did you mean 'one'? `gitexp ls` and `gitexp models` list them.\n"
    )
    unused = work_tree / "new.csv.dvc"
    unused.write_text(dvc_file("new.csv", "8" * 32))
    assert gitexp("lineage", "new.csv").out == "new.csv  88888888, 7 B\n\nNo run used it.\n"


def test_from_another_project_names_begin_at_the_top(gitexp: Gitexp, work_tree: Path) -> None:
    out = gitexp("lineage", "small", cwd=work_tree / "edge").out

    assert "└── model.pt  22222222, 1.2 kB, also edge/teacher.pt, digits@v1.0.0" in out
    assert "    └── run two  2025-01-03" in out
