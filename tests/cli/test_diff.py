"""`gitexp diff`: any two revs, and what is said of each section."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Protocol

import pytest

from gitexp.errors import ExitCode
from gitexp.git.repository import Repository
from gitexp.model.record import Exit, Inputs, RunRecord

from tests.recorded import put_run
from tests.workshop import Git, Gitexp, NewRepository, only_once


class Record(Protocol):
    """Put a run of the code at HEAD onto the branch and return its commit."""

    def __call__(
        self, name: str, run_id: str, *, packages: str = "numpy==2.0\n", **fields: object
    ) -> str: ...


class Commit(Protocol):
    """Write files (None deletes one), commit all that there is and return the oid."""

    def __call__(self, files: Mapping[str, str | None], message: str = "more") -> str: ...


POINTER = "outs:\n- md5: {md5}\n  size: {size}\n  hash: md5\n  path: {path}\n"


@pytest.fixture
def record(repository: Repository, tmp_path: Path) -> Record:
    """Put a run of the code at HEAD onto the branch: `record(name, id, packages="", **fields)`."""

    def put(name: str, run_id: str, *, packages: str = "numpy==2.0\n", **fields: object) -> str:
        known: dict[str, object] = {
            "id": run_id,
            "name": name,
            "status": "done",
            "exit": Exit(0),
            "command": ("python", "train.py"),
            "baseline": repository.objects.commit("HEAD"),
            "inputs": Inputs("c" * 40),
            "started": "2025-01-02T03:04:05.000Z",
            "ended": "2025-01-02T03:04:10.000Z",
            "python": "3.11.7",
        }
        run = RunRecord(**{**known, **fields})  # type: ignore[arg-type]  # tests name real fields
        files = {".gitexp/environment.txt": packages.encode()}
        return put_run(repository, run, tmp_path, files=files)

    return put


@pytest.fixture
def two_runs(record: Record, work_tree: Path) -> list[str]:
    """Two runs that differ in a param, a metric and a package; the oids of their commits."""
    return only_once(
        "slow and swift",
        work_tree,
        lambda: [
            record(
                name,
                run_id,
                params={"params.yaml": {"rate": rate, "seed": 1}},
                metrics={"metrics.json": {"accuracy": accuracy}},
                packages=f"click==8.1\nnumpy=={numpy}\n",
                ended=f"2025-01-02T03:04:{second}.000Z",
            )
            for name, run_id, rate, accuracy, numpy, second in (
                ("slow", "aaaaaaaaaa", 0.1, 0.942, "1.26.4", 10),
                ("swift", "bbbbbbbbbb", 0.2, 0.961, "2.0.0", 20),
            )
        ],
    )


SLOW_TO_SWIFT = """\
Metrics (metrics.json)
  accuracy   0.942 → 0.961   +0.019   +2.0 %   better
Params (params.yaml)
  rate   0.1 → 0.2
Environment
  numpy   1.26.4 → 2.0.0
"""


@pytest.fixture
def commit(work_tree: Path, git: Git) -> Commit:
    """Write files (None deletes one), commit all that there is and return the oid."""

    def make(files: Mapping[str, str | None], message: str = "more") -> str:
        for path, content in files.items():
            if content is None:
                (work_tree / path).unlink()
                continue
            (work_tree / path).parent.mkdir(parents=True, exist_ok=True)
            (work_tree / path).write_text(content)
        git("add", "--all")
        git("commit", "--quiet", "--allow-empty", "-m", message)
        return git("rev-parse", "HEAD").strip()

    return make


@pytest.mark.usefixtures("work_tree")
def test_without_revs_a_clean_work_tree_does_not_differ_from_head(gitexp: Gitexp) -> None:
    assert gitexp("diff") == (
        ExitCode.OK,
        "HEAD → workspace: no differences in params, metrics, data and code\n",
        "",
    )


def test_without_revs_the_work_tree_is_compared_with_head(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "params.yaml").write_text("rate: 0.2\nseed: 1\n")
    (work_tree / "metrics.json").write_text('{"accuracy": 0.97}\n')
    (work_tree / "train.py").write_text("print('nothing')\n")
    (work_tree / "untracked.py").write_text("no part of HEAD\n")

    assert gitexp("diff") == (
        ExitCode.OK,
        dedent("""\
            HEAD → workspace

            Metrics (metrics.json)
              accuracy   – → 0.97   added
            Params (params.yaml)
              rate   0.1 → 0.2
            Code
              train.py   modified   +1 -8
        """),
        "",
    )


def test_one_rev_is_compared_with_the_work_tree(
    work_tree: Path, commit: Commit, gitexp: Gitexp
) -> None:
    commit({"params.yaml": "rate: 0.2\nseed: 1\n"})
    (work_tree / "params.yaml").write_text("rate: 0.2\nseed: 2\n")

    assert gitexp("diff", "HEAD~1") == (
        ExitCode.OK,
        dedent("""\
            HEAD~1 → workspace

            Params (params.yaml)
              rate   0.1 → 0.2
              seed     1 → 2
        """),
        "",
    )


def test_the_work_tree_may_be_the_old_side(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "train.py").unlink()
    (work_tree / "params.yaml").write_text("rate: 0.2\n")

    assert gitexp("diff", "workspace", "HEAD") == (
        ExitCode.OK,
        dedent("""\
            workspace → HEAD

            Params (params.yaml)
              rate   0.2 → 0.1
              seed     – → 1     added
            Code
              train.py   added   +8 -0
        """),
        "",
    )


@pytest.mark.usefixtures("work_tree")
def test_the_work_tree_is_not_compared_with_itself(gitexp: Gitexp) -> None:
    assert gitexp("diff", "workspace") == (
        ExitCode.ERROR,
        "",
        "error: the work tree does not differ from itself\n",
    )


def test_ordinary_commits_are_compared_by_the_files_they_hold(
    commit: Commit, gitexp: Gitexp
) -> None:
    policy = "policy:\n  accuracy: {goal: max, tolerance: 0.002}\n  loss: {goal: min}\n"
    commit(
        {
            "gitexp.yaml": policy,
            "metrics.json": '{"accuracy": 0.942, "loss": 0.115, "val": {"auc": 0.5, "f1": 1}}',
            "images.dvc": POINTER.format(md5="a" * 32 + ".dir", size=1_200_000, path="images"),
            "model.pt.dvc": POINTER.format(md5="b" * 32, size=1_200_000, path="model.pt"),
        }
    )
    commit(
        {
            "metrics.json": '{"accuracy": 0.941, "loss": 0.104, "val": {"auc": 0.6, "f2": 1}}',
            "params.yaml": "rate: 0.1\nseed: 1\nname: ü\n",
            "images.dvc": POINTER.format(md5="c" * 32 + ".dir", size=1_200_000, path="images"),
            "model.pt.dvc": POINTER.format(md5="d" * 32, size=2_300_000, path="model.pt"),
            "README.md": "# This\n",
        }
    )

    assert gitexp("diff", "HEAD~1", "HEAD") == (
        ExitCode.OK,
        dedent("""\
            HEAD~1 → HEAD

            Metrics (metrics.json)
              accuracy   0.942 → 0.941   -0.001    -0.1 %   ~ within tolerance
              loss       0.115 → 0.104   -0.011    -9.6 %   better
              val.auc      0.5 → 0.6     +0.1     +20.0 %
              val.f1         1 → –                          removed
              val.f2         – → 1                          added
            Params (params.yaml)
              name   – → ü   added
            Data and models
              images     1.2 MB            md5 aaaaaaaa → cccccccc   changed
              model.pt   1.2 MB → 2.3 MB
            Code
              README.md   added   +1 -0
        """),
        "",
    )


@pytest.mark.usefixtures("two_runs")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("slow", "swift"),
        ("aaaaaaaaaa", "bbbbbbbbbb"),
        ("sl", "sw"),
        ("aaa", "b"),
        ("latest~1", "latest"),
        ("experiments~1", "experiments"),
        ("refs/heads/experiments^", "experiments@{0}"),
        ("branch", "light"),
        ("branch", "annotated"),
    ],
)
def test_runs_go_by_name_id_their_start_place_and_any_git_rev(
    git: Git, gitexp: Gitexp, old: str, new: str
) -> None:
    git("branch", "branch", "experiments~1")
    git("tag", "light", "experiments")
    git("tag", "-a", "-m", "best", "annotated", "experiments")

    assert gitexp("diff", old, new) == (ExitCode.OK, f"slow → swift\n\n{SLOW_TO_SWIFT}", "")


def test_runs_go_by_the_oid_of_their_commit(two_runs: list[str], gitexp: Gitexp) -> None:
    old, new = two_runs

    assert gitexp("diff", old, new[:12])[1] == f"slow → swift\n\n{SLOW_TO_SWIFT}"


@pytest.mark.usefixtures("two_runs")
def test_two_dots_mean_the_same_as_two_revs(gitexp: Gitexp) -> None:
    assert gitexp("diff", "slow..swift") == gitexp("diff", "slow", "swift")


@pytest.mark.usefixtures("two_runs")
def test_beside_two_dots_an_empty_side_is_head(gitexp: Gitexp) -> None:
    assert gitexp("diff", "..swift") == gitexp("diff", "HEAD", "swift")
    assert gitexp("diff", "swift..") == gitexp("diff", "swift", "HEAD")


def test_three_dots_compare_from_the_merge_base(commit: Commit, git: Git, gitexp: Gitexp) -> None:
    base = git("rev-parse", "HEAD").strip()
    git("switch", "--quiet", "-c", "topic")
    commit({"params.yaml": "rate: 0.3\nseed: 1\n"})
    git("switch", "--quiet", "main")
    commit({"params.yaml": "rate: 0.1\nseed: 9\n"})

    assert gitexp("diff", "main...topic") == (
        ExitCode.OK,
        dedent(f"""\
            merge base {base[:10]} → topic

            Params (params.yaml)
              rate   0.1 → 0.3
        """),
        "",
    )


@pytest.mark.usefixtures("two_runs")
def test_three_dots_before_a_run_begin_at_its_baseline(
    commit: Commit, git: Git, gitexp: Gitexp
) -> None:
    baseline = git("rev-parse", "--short=10", "HEAD").strip()
    commit({"params.yaml": "rate: 0.7\nseed: 1\n"})

    code, out, _ = gitexp("diff", "main...swift")

    assert code == ExitCode.OK
    assert out.splitlines()[0] == f"merge base {baseline} → swift"
    assert "  rate   0.1 → 0.2" in out.splitlines()


def test_histories_without_a_common_ancestor_have_no_three_dots(
    commit: Commit, git: Git, gitexp: Gitexp
) -> None:
    git("switch", "--quiet", "--orphan", "other")
    commit({"a.txt": "a\n"})

    assert gitexp("diff", "main...other") == (
        ExitCode.ERROR,
        "",
        "error: 'main' and 'other' have no common ancestor\n",
    )


def test_code_appends_the_patch_of_the_code_alone(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "params.yaml").write_text("rate: 0.2\nseed: 1\n")
    (work_tree / ".gitignore").write_text("\n")

    assert gitexp("diff", "--code")[1] == dedent("""\
        HEAD → workspace

        Params (params.yaml)
          rate   0.1 → 0.2
    """)


def test_code_is_a_patch_that_git_can_apply(work_tree: Path, git: Git, gitexp: Gitexp) -> None:
    (work_tree / "gitexp.yaml").write_text("command: python train.py\n")

    code, out, err = gitexp("diff", "--code")

    assert (code, err) == (ExitCode.OK, "")
    assert out == dedent("""\
        HEAD → workspace

        Code
          gitexp.yaml   modified   +0 -3

        diff --git a/gitexp.yaml b/gitexp.yaml
        index 2cc2cae..4502da2 100644
        --- a/gitexp.yaml
        +++ b/gitexp.yaml
        @@ -1,4 +1 @@
         command: python train.py
        -policy:
        -  accuracy: {goal: max}
        -  loss: {goal: min}
    """)
    patch = work_tree / "patch"
    patch.write_text(out)
    git("apply", "--reverse", "patch")
    assert git("status", "--porcelain") == "?? patch\n"


def test_code_in_markdown_is_fenced(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "train.py").write_text("print(1)\n")

    lines = gitexp("diff", "--code", "--md")[1].splitlines()

    assert lines[:8] == [
        "### HEAD → workspace",
        "",
        "**Code**",
        "",
        "| path | status | lines |",
        "| --- | --- | --- |",
        "| train.py | modified | +1 -8 |",
        "",
    ]
    assert lines[8] == "```diff"
    assert lines[9] == "diff --git a/train.py b/train.py"
    assert lines[-2:] == ["+print(1)", "```"]


def test_code_that_holds_a_fence_does_not_end_the_fence_of_markdown(
    work_tree: Path, commit: Commit, gitexp: Gitexp
) -> None:
    commit({"README.md": "```\none\n```\n"})
    (work_tree / "README.md").write_text("```\n@everybody\n```\n")

    lines = gitexp("diff", "--code", "--md")[1].splitlines()

    fence = lines[8].removesuffix("diff")
    assert set(fence) == {"`"}
    assert lines[-1] == fence
    assert not any(line.lstrip().startswith(fence) for line in lines[9:-1])


def test_code_of_the_work_tree_as_the_old_side_is_inverse(
    work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    (work_tree / "train.py").write_text("print(1)\n")

    _, out, _ = gitexp("diff", "--code", "workspace", "HEAD")
    (work_tree / "patch").write_text(out)
    git("apply", "patch")

    assert "  train.py   modified   +8 -1\n" in out
    assert git("status", "--porcelain") == "?? patch\n"


@pytest.mark.usefixtures("work_tree")
@pytest.mark.parametrize("name", ["json", "csv"])
def test_code_has_no_place_in_formats_for_programs(gitexp: Gitexp, name: str) -> None:
    assert gitexp("diff", "--code", f"--{name}") == (
        ExitCode.ERROR,
        "",
        f"error: a patch cannot be printed as {name}\nhint: Leave out `--code`.\n",
    )


def test_exit_code_tells_whether_anything_differs(work_tree: Path, gitexp: Gitexp) -> None:
    same, _, _ = gitexp("diff", "--exit-code")
    (work_tree / "train.py").write_text("\n")
    other, _, _ = gitexp("diff", "--exit-code")
    untold, _, _ = gitexp("diff")

    assert (same, other, untold) == (ExitCode.OK, ExitCode.NO, ExitCode.OK)


@pytest.mark.usefixtures("two_runs")
def test_json(gitexp: Gitexp) -> None:
    code, out, err = gitexp("diff", "slow", "swift", "--json")

    assert (code, err) == (ExitCode.OK, "")
    assert out == (
        '{"metrics":{"metrics.json":{"accuracy":{"old":0.942,"new":0.961,"diff":0.019}}},'
        '"params":{"params.yaml":{"rate":{"old":0.1,"new":0.2,"diff":0.1}}},'
        '"data":{},"environment":{"numpy":{"old":"1.26.4","new":"2.0.0"}},"machine":{},"outputs":{},"code":{}}\n'
    )


@pytest.mark.usefixtures("two_runs")
def test_json_of_no_difference_has_all_sections(gitexp: Gitexp) -> None:
    _, out, _ = gitexp("diff", "slow", "slow", "--json")

    sections = ("metrics", "params", "data", "environment", "machine", "outputs", "code")
    assert json.loads(out) == {section: {} for section in sections}


@pytest.mark.usefixtures("two_runs")
def test_csv_keeps_full_precision(gitexp: Gitexp) -> None:
    _, out, _ = gitexp("diff", "slow", "swift", "--csv")

    assert list(csv.reader(io.StringIO(out))) == [
        ["section", "file", "name", "old", "new", "diff", "relative", "mark"],
        [
            "metrics",
            "metrics.json",
            "accuracy",
            "0.942",
            "0.961",
            "0.019",
            "0.020169851380042462",
            "better",
        ],
        ["params", "params.yaml", "rate", "0.1", "0.2", "0.1", "1.0", ""],
        ["environment", "", "numpy", "1.26.4", "2.0.0", "", "", ""],
    ]


@pytest.mark.usefixtures("two_runs")
def test_markdown(gitexp: Gitexp) -> None:
    assert gitexp("diff", "slow", "swift", "--format", "md")[1] == dedent("""\
        ### slow → swift

        **Metrics** (`metrics.json`)

        | name | old | new | change | relative change | mark |
        | --- | --: | --: | --: | --: | --- |
        | accuracy | 0.942 | 0.961 | +0.019 | +2.0 % | better |

        **Params** (`params.yaml`)

        | name | old | new |
        | --- | --: | --: |
        | rate | 0.1 | 0.2 |

        **Environment**

        | name | old | new |
        | --- | --- | --- |
        | numpy | 1.26.4 | 2.0.0 |
    """)


def test_environments_that_are_the_same_are_said_to_be(record: Record, gitexp: Gitexp) -> None:
    record("one", "aaaaaaaaaa")
    record("two", "bbbbbbbbbb")

    assert gitexp("diff", "one", "two") == (
        ExitCode.OK,
        "one → two: no differences in params, metrics, data, environment and code\n",
        "",
    )


def test_another_python_and_packages_that_came_and_went(record: Record, gitexp: Gitexp) -> None:
    record("one", "aaaaaaaaaa", packages="attrs==24\nnumpy==1\n", python="3.10.0")
    record("two", "bbbbbbbbbb", packages="numpy==1\nzstd==2\n", python="3.11.7")

    assert gitexp("diff", "one", "two")[1] == dedent("""\
        one → two

        Environment
          python   3.10.0 → 3.11.7
          attrs        24 → –        removed
          zstd          – → 2        added
    """)


def test_code_that_was_renamed_deleted_or_is_no_text(
    work_tree: Path, commit: Commit, gitexp: Gitexp
) -> None:
    commit({"lib/old.py": "a = 1\n" * 9, "gone.py": "b\nb\n", "run me.sh": "exit\n"})
    (work_tree / "logo.png").write_bytes(b"\x89PNG\0\0")
    (work_tree / "lib" / "old.py").rename(work_tree / "lib" / "new.py")
    (work_tree / "run me.sh").chmod(0o755)
    commit({"gone.py": None, 'odd "ü"\n.py': "c\n"})

    assert gitexp("diff", "HEAD~1", "HEAD")[1] == dedent("""\
        HEAD~1 → HEAD

        Code
          gone.py                   deleted    +0 -2
          lib/old.py → lib/new.py   renamed
          logo.png                  added      binary
          odd "ü"\\n.py              added      +1 -0
          run me.sh                 modified
    """)
    found = json.loads(gitexp("diff", "HEAD~1", "HEAD", "--json")[1])["code"]
    assert found["lib/new.py"] == {
        "status": "renamed",
        "added": 0,
        "removed": 0,
        "old_path": "lib/old.py",
    }
    assert set(found) == {"gone.py", "lib/new.py", "logo.png", 'odd "ü"\n.py', "run me.sh"}


def test_untracked_code_of_a_run_is_compared_with_the_work_tree(
    work_tree: Path, gitexp: Gitexp
) -> None:
    (work_tree / "note.txt").write_text("one\n")
    (work_tree / "same.txt").write_text("same\n")
    assert gitexp("run", "-n", "noted", "true")[0] == 0
    (work_tree / "note.txt").write_text("two\nthree\n")

    code, out, _ = gitexp("diff", "noted")

    assert code == ExitCode.OK
    assert out == dedent("""\
        noted → workspace

        Code
          note.txt   modified   +2 -1
    """)


def test_each_commit_is_read_as_its_own_configuration_says(commit: Commit, gitexp: Gitexp) -> None:
    commit({"gitexp.yaml": "metrics: [old.json]\n", "old.json": '{"f1": 1}', "new.json": "{}"})
    commit(
        {
            "gitexp.yaml": 'metrics: ["*.json"]\nparams: [conf.toml]\n',
            "new.json": '{"f1": 2}',
            "conf.toml": "rate = 1e-3\n",
        }
    )

    found = json.loads(gitexp("diff", "HEAD~1", "HEAD", "--json")[1])

    assert found["metrics"] == {"new.json": {"f1": {"old": None, "new": 2}}}
    assert found["params"] == {
        "conf.toml": {"rate": {"old": None, "new": 0.001}},
        "params.yaml": {
            "rate": {"old": 0.1, "new": None},
            "seed": {"old": 1, "new": None},
        },
    }


@pytest.mark.usefixtures("two_runs")
def test_renamed_metrics_are_read_under_their_name(commit: Commit, gitexp: Gitexp) -> None:
    config = 'metrics: {metrics.json: "out/*/scores.json"}\n'
    commit({"gitexp.yaml": config, "out/a/scores.json": '{"accuracy": 0.9}'})

    found = json.loads(gitexp("diff", "slow", "HEAD", "--json")[1])

    assert found["metrics"] == {
        "metrics.json": {"accuracy": {"old": 0.942, "new": 0.9, "diff": -0.042}}
    }


def test_metrics_that_cannot_be_read_are_named_with_their_commit(
    commit: Commit, gitexp: Gitexp
) -> None:
    commit({"metrics.json": '{"":'})
    commit({"metrics.json": '{"accuracy": 0.9}'})

    assert gitexp("diff", "HEAD~1", "HEAD") == (
        ExitCode.ERROR,
        "",
        (
            "error: HEAD~1: 'metrics.json' is not valid JSON (line 1, column 5: expecting value)\n"
            "hint: Fix `metrics.json`, then try again.\n"
        ),
    )


def test_a_configuration_that_cannot_be_read_is_named_with_its_commit(
    commit: Commit, gitexp: Gitexp
) -> None:
    commit({"gitexp.yaml": "metrcs: [a.json]\n"})
    commit({"gitexp.yaml": "metrics: [a.json]\n"})

    assert gitexp("diff", "HEAD~1", "HEAD") == (
        ExitCode.ERROR,
        "",
        (
            "error: HEAD~1: gitexp.yaml, line 1: unknown setting 'metrcs'\n"
            "hint: Did you mean 'metrics'?\n"
        ),
    )


@pytest.mark.usefixtures("two_runs")
def test_an_unknown_rev_is_answered_with_the_close_name(gitexp: Gitexp) -> None:
    assert gitexp("diff", "slow", "swfit") == (
        ExitCode.ERROR,
        "",
        "error: no run or rev 'swfit'\nhint: Did you mean 'swift'? `gitexp ls` lists all runs.\n",
    )


@pytest.mark.usefixtures("two_runs")
def test_a_start_that_several_runs_have_is_refused_with_all_of_them(gitexp: Gitexp) -> None:
    assert gitexp("diff", "s", "swift") == (
        ExitCode.ERROR,
        "",
        (
            "error: 's' may be any of 2 runs: swift (bbbbbbbbbb, Ada, 2025-01-02 03:04 UTC), "
            "slow (aaaaaaaaaa, Ada, 2025-01-02 03:04 UTC)\n"
            "hint: Give the id, or more of the name.\n"
        ),
    )


@pytest.mark.usefixtures("two_runs")
def test_a_branch_called_as_names_begin_is_the_branch(
    commit: Commit, git: Git, gitexp: Gitexp
) -> None:
    git("branch", "s")
    commit({"params.yaml": "rate: 0.5\nseed: 1\n"})

    assert gitexp("diff", "s", "HEAD")[1] == dedent("""\
        s → HEAD

        Params (params.yaml)
          rate   0.1 → 0.5
    """)


@pytest.mark.usefixtures("two_runs")
def test_a_run_that_is_called_as_a_branch_is_named(git: Git, gitexp: Gitexp) -> None:
    git("branch", "slow")
    note = "note: 'slow' is the run of that name; 'refs/heads/slow' is what git has\n"

    of_git = gitexp("diff", "refs/heads/slow", "HEAD")

    assert gitexp("diff", "slow..HEAD").err == note
    assert note in gitexp("check", "slow").err
    assert (of_git.out.splitlines()[0], of_git.err) == (
        "refs/heads/slow → HEAD: no differences in params, metrics, data and code",
        "",
    )


@pytest.mark.usefixtures("two_runs")
def test_there_are_no_runs_before_the_first(gitexp: Gitexp) -> None:
    assert gitexp("diff", "latest~2") == (
        ExitCode.ERROR,
        "",
        "error: there are only 2 runs\nhint: `gitexp ls` lists them.\n",
    )


@pytest.mark.usefixtures("work_tree")
def test_where_there_is_no_run_there_is_no_latest_one(gitexp: Gitexp) -> None:
    assert gitexp("diff", "latest") == (
        ExitCode.ERROR,
        "",
        "error: there are no runs yet\nhint: Make one with `gitexp run`.\n",
    )


@pytest.mark.parametrize("rev", ["--output=x", "-Ox", "--output=x..HEAD", "HEAD...--output=x"])
def test_a_rev_that_looks_like_an_option_writes_no_file(
    work_tree: Path, gitexp: Gitexp, rev: str
) -> None:
    before = sorted(work_tree.iterdir())

    for argv in (["diff", rev], ["diff", "--", rev], ["diff", "HEAD", "--", rev]):
        code, out, err = gitexp(*argv)

        assert (code, out) == (ExitCode.ERROR, "")
        assert "Traceback" not in err
    assert sorted(work_tree.iterdir()) == before


@pytest.mark.usefixtures("work_tree")
@pytest.mark.parametrize("rev", ["HEAD:train.py", "HEAD^{tree}", "", "a b", "HEAD\nHEAD", "@{u}"])
def test_what_is_no_commit_is_no_rev(gitexp: Gitexp, rev: str) -> None:
    code, out, err = gitexp("diff", rev, "HEAD")

    assert (code, out) == (ExitCode.ERROR, "")
    assert err.startswith("error: no run or rev ")


def test_a_project_in_a_subfolder_is_compared_by_its_own_files(
    new_repository: NewRepository,
    git: Git,
    gitexp: Gitexp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = {
        "nets/gitexp.yaml": "metrics: [m.json]\n",
        "nets/params.yaml": "rate: 1\n",
        "nets/m.json": '{"auc": 0.5}',
        "nets/lib/net.py": "a\n",
        "nets/data.dvc": POINTER.format(md5="a" * 32, size=1, path="data"),
        "other/params.yaml": "rate: 1\n",
        "other.py": "a\n",
    }
    top = new_repository("mono", files)
    for path in ("nets/params.yaml", "other/params.yaml"):
        (top / path).write_text("rate: 2\n")
    for path in ("nets/lib/net.py", "other.py"):
        (top / path).write_text("b\n")
    git("commit", "--quiet", "--all", "-m", "all", cwd=top)
    monkeypatch.chdir(top / "nets" / "lib")

    assert gitexp("diff", "HEAD~1", "HEAD")[1] == dedent("""\
        HEAD~1 → HEAD

        Params (params.yaml)
          rate   1 → 2
        Code
          lib/net.py   modified   +1 -1
    """)


def test_numbers_are_told_apart_however_close(commit: Commit, gitexp: Gitexp) -> None:
    commit({"metrics.json": '{"tiny": 1e-7, "near": 0.123456789, "sum": 0.1}'})
    commit({"metrics.json": '{"tiny": 2e-7, "near": 0.123456788, "sum": 0.30000000000000004}'})

    assert gitexp("diff", "HEAD~1", "HEAD")[1] == dedent("""\
        HEAD~1 → HEAD

        Metrics (metrics.json)
          near   0.123456789 → 0.123456788   -1e-09   -8.1e-07 %
          sum            0.1 → 0.3             +0.2     +200.0 %
          tiny         1e-07 → 2e-07         +1e-07     +100.0 %
    """)


def test_nan_is_the_same_as_nan(commit: Commit, gitexp: Gitexp) -> None:
    commit({"metrics.json": '{"loss": NaN, "auc": 1}'})
    commit({"metrics.json": '{"loss": NaN, "auc": NaN}'})

    found = json.loads(gitexp("diff", "HEAD~1", "HEAD", "--json")[1])

    nan = {"$float": "nan"}
    assert found["metrics"] == {"metrics.json": {"auc": {"old": 1, "new": nan, "diff": nan}}}


@pytest.fixture
def three_runs(two_runs: list[str], record: Record) -> list[str]:
    """A third run, the last to end; the oids of all commits."""
    third = record(
        "steady",
        "cccccccccc",
        params={"params.yaml": {"rate": 0.15, "seed": 1}},
        metrics={"metrics.json": {"accuracy": 0.95}},
        packages="click==8.1\nnumpy==2.0.0\n",
        ended="2025-01-02T03:04:30.000Z",
    )
    return [*two_runs, third]


SEVERAL = """\
             slow     swift     steady
Metrics (metrics.json)
  accuracy   0.942    0.961 *   0.95
Params (params.yaml)
  rate       0.1      0.2       0.15
Environment
  numpy      1.26.4   2.0.0     2.0.0
* best by the goals of the policy
"""


@pytest.mark.usefixtures("three_runs")
def test_more_than_two_revs_have_a_column_each(gitexp: Gitexp) -> None:
    assert gitexp("diff", "slow", "swift", "steady") == (ExitCode.OK, SEVERAL, "")


def test_a_rev_that_is_named_twice_has_one_column(three_runs: list[str], gitexp: Gitexp) -> None:
    assert gitexp("diff", "slow", "swift", three_runs[0], "latest", "steady")[1] == SEVERAL


@pytest.mark.usefixtures("three_runs")
def test_commits_and_the_work_tree_are_compared_with_runs(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "train.py").write_text("print('nothing')\n")

    code, out, err = gitexp("diff", "HEAD", "swift", "workspace")

    assert (code, err) == (ExitCode.OK, "")
    assert out == dedent("""\
                     HEAD   swift   workspace
        Metrics (metrics.json)
          accuracy   –      0.961   –
        Params (params.yaml)
          rate       0.1    0.2     0.1
        Code, from HEAD
          train.py                  +1 -8
    """)


@pytest.mark.usefixtures("three_runs")
def test_the_runs_of_a_query_are_compared_the_newest_first(gitexp: Gitexp) -> None:
    _, out, err = gitexp("diff", "--where", "accuracy > 0.945", "--json")
    _, limited, said = gitexp("diff", "HEAD", "--where", "accuracy > 0.9", "-N", "2", "--json")

    assert list(json.loads(out)["revs"]) == ["steady", "swift"]
    assert err == ""
    assert list(json.loads(limited)["revs"]) == ["HEAD", "steady", "swift"]
    assert said == "note: the 2 newest of the runs that match are compared (-N)\n"
    assert gitexp("diff", "--where", "accuracy > 0.9", "-N", "0", "--json")[2] == ""


@pytest.mark.usefixtures("three_runs")
def test_a_query_that_leaves_nothing_to_compare_is_refused(gitexp: Gitexp) -> None:
    hint = "hint: Name more revs, or widen the query.\n"

    assert gitexp("diff", "--where", "accuracy > 0.96") == (
        ExitCode.ERROR,
        "",
        f"error: nothing to compare 'swift' with\n{hint}",
    )
    assert gitexp("diff", "--where", "accuracy > 1") == (
        ExitCode.ERROR,
        "",
        f"error: no run matches\n{hint}",
    )


@pytest.mark.usefixtures("three_runs")
def test_exit_code_holds_for_several(gitexp: Gitexp) -> None:
    assert gitexp("diff", "slow", "swift", "steady", "--exit-code")[0] == ExitCode.NO
    assert gitexp("diff", "HEAD", "HEAD~0", "workspace", "--exit-code")[0] == ExitCode.OK


@pytest.mark.usefixtures("three_runs")
def test_what_takes_two_sides_is_refused_for_several(gitexp: Gitexp) -> None:
    assert gitexp("diff", "slow", "swift", "steady", "--code") == (
        ExitCode.ERROR,
        "",
        "error: a patch has two sides\nhint: Leave out `--code`, or give two revs.\n",
    )
    assert gitexp("diff", "slow..swift", "steady", "HEAD") == (
        ExitCode.ERROR,
        "",
        "error: 'slow..swift' among several revs\nhint: Give its two ends by name.\n",
    )


def test_runs_of_one_name_are_told_apart_by_their_ids(
    three_runs: list[str], record: Record, gitexp: Gitexp
) -> None:
    record("slow", "dddddddddd", params={"params.yaml": {"rate": 0.4}})

    _, out, _ = gitexp("diff", three_runs[0], "dddddddddd", "swift", "--json")

    assert list(json.loads(out)["revs"]) == ["slow (aaaaaaaaaa)", "slow (dddddddddd)", "swift"]


def test_two_runs_of_one_name_are_told_apart_by_their_ids(
    three_runs: list[str], record: Record, gitexp: Gitexp
) -> None:
    record("slow", "dddddddddd", params={"params.yaml": {"rate": 0.4}})

    different = gitexp("diff", three_runs[0], "dddddddddd")[1]
    same = gitexp("diff", three_runs[0], three_runs[0])[1]

    assert different.startswith("slow (aaaaaaaaaa) → slow (dddddddddd)\n")
    assert same.startswith("slow → slow: no differences")


DRAWING = """\
import sys
from pathlib import Path

Path("plots").mkdir(exist_ok=True)
Path("plots/loss.csv").write_text(f"step,loss\\n1,{sys.argv[1]}\\n")
Path("report.md").write_text(sys.argv[1])
Path("notes.txt").write_text(sys.argv[1])
"""


@pytest.fixture
def drawn(work_tree: Path, gitexp: Gitexp, git: Git) -> Path:
    """Three runs that write a declared plot, a declared output, and a file nobody declared."""
    (work_tree / "gitexp.yaml").write_text("plots: [plots/loss.csv]\noutputs: [report.md]\n")
    (work_tree / "draw.py").write_text(DRAWING)
    git("add", "--all")
    git("commit", "--quiet", "-m", "draws")
    for name, number in (("flat", "1"), ("steep", "2"), ("steeper", "3")):
        assert gitexp("run", "-n", name, "--", "python", "draw.py", number)[0] == 0
        git("clean", "--quiet", "-fd", "-e", ".dvc")
    return work_tree


@pytest.mark.usefixtures("drawn")
def test_plots_and_outputs_are_no_code(gitexp: Gitexp) -> None:
    code, out, _ = gitexp("diff", "flat", "steep", "--code", "--exit-code")

    assert code == ExitCode.NO
    assert "Code" not in out
    assert "+1,2" not in out
    assert out.endswith(
        "Plots and outputs\n"
        "  notes.txt        modified\n"
        "  plots/loss.csv   modified\n"
        "  report.md        modified\n"
    )
    found = json.loads(gitexp("diff", "flat", "steep", "--json")[1])
    assert found["code"] == {}
    assert found["outputs"]["plots/loss.csv"] == {"status": "modified"}
    assert "outputs,plots/loss.csv,,,,,,modified\n" in gitexp("diff", "flat", "steep", "--csv")[1]


@pytest.mark.usefixtures("drawn")
def test_plots_of_several_runs_have_a_section_of_their_own(gitexp: Gitexp) -> None:
    out = gitexp("diff", "flat", "steep", "steeper")[1]
    found = json.loads(gitexp("diff", "flat", "steep", "steeper", "--json")[1])

    assert "Plots and outputs, from flat\n" in out
    assert "Code" not in out
    assert found["outputs"][1] == {
        "path": "plots/loss.csv",
        "values": {"steep": "modified", "steeper": "modified"},
    }


@pytest.mark.usefixtures("work_tree")
def test_a_metric_that_a_stage_leaves_to_git_is_no_data(gitexp: Gitexp, git: Git) -> None:
    Path("dvc.yaml").write_text(
        "stages:\n  train:\n    cmd: python train.py\n    metrics:\n"
        "      - metrics.json: {cache: false}\n    outs: [model.pt]\n"
    )
    for md5, loss in (("a" * 32, 0.5), ("b" * 32, 0.6)):
        Path("metrics.json").write_text(f'{{"loss": {loss}}}\n')
        Path("dvc.lock").write_text(
            "schema: '2.0'\nstages:\n  train:\n    cmd: python train.py\n    outs:\n"
            f"    - {{path: metrics.json, hash: md5, md5: {md5}, size: 14}}\n"
            f"    - {{path: model.pt, hash: md5, md5: {md5}, size: 3}}\n"
        )
        git("add", "--all", "--force")
        git("commit", "--quiet", "-m", "by hand")

    found = json.loads(gitexp("diff", "HEAD~1", "HEAD", "--json")[1])

    assert [*found["data"]] == ["model.pt"]
    assert [*found["metrics"]] == ["metrics.json"]
