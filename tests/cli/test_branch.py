"""`gitexp branch`: one commit fit for a pull request, and nothing else touched."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gitexp.errors import ExitCode

from tests.workshop import Git, Gitexp

MODEL = """
Path("model.joblib").write_bytes(Path("params.yaml").read_bytes() * 1000)
Path("scratch.txt").write_text("scratch")
"""

CHANGES = """\
added     .dvc/.gitignore
added     .dvc/config
added     .dvcignore
modified  .gitignore
added     metrics.json
added     model.joblib.dvc
modified  params.yaml
modified  train.py
"""


def state(git: Git, work_tree: Path) -> tuple[str, ...]:
    """Return all that must stay as it is."""
    index = (work_tree / ".git" / "index").read_bytes().hex()
    return git("symbolic-ref", "HEAD"), index, git("status", "--porcelain"), git("diff")


def files(git: Git, rev: str) -> list[str]:
    return git("ls-tree", "-r", "--name-only", rev).split()


@pytest.fixture
def run_id(gitexp: Gitexp, work_tree: Path, git: Git) -> str:
    """Record `better`: another rate, edited code, a model, metrics, and scratch files."""
    with (work_tree / "train.py").open("a") as file:
        file.write(MODEL)
    (work_tree / "notes.txt").write_text("mine\n")
    code, _, err = gitexp("run", "-n", "better", "-S", "rate=0.2", "-m", "does more help?")
    assert code == 0, err
    return git("log", "-1", "--format=%(trailers:key=Gitexp-Run,valueonly)", "experiments").strip()


def test_branch_makes_one_commit_with_what_the_run_changed(
    gitexp: Gitexp, git: Git, work_tree: Path, run_id: str
) -> None:
    before = state(git, work_tree)

    code, out, err = gitexp("branch", "better", "proposal")

    assert (code, out) == (
        ExitCode.OK,
        CHANGES,
    )
    assert err.startswith(
        "note: left out, because nothing names it: 'notes.txt', 'scratch.txt' "
        "(`--all` takes all)\nbranch 'proposal' is "
    )
    assert git("rev-parse", "proposal^") == git("rev-parse", "main")
    assert git("log", "-1", "--format=%an %ae%n%B", "proposal") == (
        "Ada ada@example.com\n"
        "does more help?\n\n"
        "Run better: accuracy 1.0, loss 0.3\n\n"
        "Metrics:\n\n- accuracy: 1.0\n- loss: 0.3\n\n"
        "Params:\n\n- rate: 0.1 → 0.2 (+0.1)\n\n"
        f"Gitexp-From-Run: {run_id}\n\n"
    )
    assert state(git, work_tree) == before


@pytest.mark.usefixtures("run_id")
def test_git_merges_the_branch_cleanly_into_a_main_that_moved_elsewhere(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    gitexp("branch", "better", "proposal")
    git("stash", "--include-untracked")
    (work_tree / "README.md").write_text("news\n")
    git("add", "README.md")
    git("commit", "--quiet", "-m", "news")

    git("merge", "--no-edit", "proposal")

    found = files(git, "main")
    assert {"README.md", "metrics.json", "model.joblib.dvc"} <= set(found)
    assert not [
        path for path in found if ".gitexp/" in path or path in ("scratch.txt", "notes.txt")
    ]
    assert git("show", "main:params.yaml") == "rate: 0.2\nseed: 1\n"
    assert git("show", "main:train.py").endswith(MODEL)
    changed = git("diff", "--name-only", "main", "experiments").split()
    own = [".gitexp/environment.txt", ".gitexp/output.log", ".gitexp/run.json"]
    assert changed == [*own, "README.md", "notes.txt", "scratch.txt"]  # the rest is the run's


@pytest.mark.usefixtures("run_id")
def test_all_takes_untracked_files_too_but_not_the_record(gitexp: Gitexp, git: Git) -> None:
    code, _, _ = gitexp("branch", "better", "whole", "--all")

    assert code == ExitCode.OK
    assert {"notes.txt", "scratch.txt"} <= set(files(git, "whole"))
    assert not [path for path in files(git, "whole") if ".gitexp/" in path]


@pytest.mark.usefixtures("run_id")
def test_onto_merges_with_what_the_other_rev_changed_elsewhere(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    (work_tree / "README.md").write_text("news\n")
    git("add", "README.md")
    git("commit", "--quiet", "-m", "news")

    code, _, _ = gitexp("branch", "better", "proposal", "--onto", "main")

    assert code == ExitCode.OK
    assert git("rev-parse", "proposal^") == git("rev-parse", "main")
    assert {"README.md", "metrics.json"} <= set(files(git, "proposal"))


@pytest.mark.usefixtures("run_id")
def test_onto_refuses_paths_that_both_sides_changed_and_lists_them(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    git("stash")
    (work_tree / "params.yaml").write_text("rate: 0.7\nseed: 1\n")
    git("commit", "--quiet", "-am", "another rate")

    code, out, err = gitexp("branch", "better", "proposal", "--onto", "main")

    assert (code, out) == (ExitCode.ERROR, "")
    assert err == (
        "error: run 'better' and 'main' both changed since the baseline:\n  params.yaml\n"
        "hint: Leave out `--onto`, and merge the branch with `git merge`.\n"
    )
    assert "proposal" not in git("branch", "--list")


@pytest.mark.usefixtures("run_id")
def test_a_lost_baseline_is_said_and_head_is_built_upon(
    gitexp: Gitexp, git: Git, work_tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("stash")
    (work_tree / "later.py").write_text("z = 1\n")
    git("add", "later.py")
    git("commit", "--quiet", "--amend", "-m", "rebased")
    git("clone", "--quiet", f"file://{work_tree}", tmp_path / "clone")
    monkeypatch.chdir(tmp_path / "clone")
    git("branch", "experiments", "origin/experiments")
    baseline = git("log", "-1", "--format=%(trailers:key=Gitexp-Baseline,valueonly)", "experiments")

    code, _, err = gitexp("branch", "better", "proposal")

    assert code == ExitCode.OK
    assert err.startswith(
        f"note: the baseline {baseline[:10]} is not in this clone: the run is compared with HEAD, "
        "and removes nothing from it\n"
    )
    assert git("rev-parse", "proposal^") == git("rev-parse", "main")
    assert {"later.py", "metrics.json"} <= set(files(git, "proposal"))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("main", "branch 'main' already exists"),
        ("main/x", "branch 'main' is in the way of 'main/x'"),
        ("experiments", "'experiments' is the branch on which runs are recorded"),
        ("a..b", "'a..b' is not a valid name for a branch"),
        ("HEAD", "'HEAD' is not a valid name for a branch"),
    ],
)
@pytest.mark.usefixtures("work_tree")
def test_names_that_cannot_be_are_refused(gitexp: Gitexp, git: Git, name: str, reason: str) -> None:
    gitexp("run", "-n", "one", "-S", "rate=0.3")
    before = git("for-each-ref")

    code, out, err = gitexp("branch", "one", name)

    assert (code, out) == (ExitCode.ERROR, "")
    assert err.startswith(f"error: {reason}\n")
    assert git("for-each-ref") == before


@pytest.mark.usefixtures("run_id")
def test_a_dry_run_prints_the_commit_and_makes_no_branch(gitexp: Gitexp, git: Git) -> None:
    before = git("for-each-ref")

    code, out, _ = gitexp("branch", "better", "proposal", "--dry-run")

    assert code == ExitCode.OK
    assert "modified  params.yaml\n" in out
    assert "\ndoes more help?\n" in out
    assert git("for-each-ref") == before


@pytest.mark.usefixtures("work_tree")
def test_a_run_that_changed_nothing_makes_no_branch(gitexp: Gitexp, git: Git) -> None:
    gitexp("run", "-n", "idle", "true")

    code, _, err = gitexp("branch", "idle", "proposal")

    assert code == ExitCode.ERROR
    assert err == "error: run 'idle' changed nothing that such a branch holds\n"
    assert "proposal" not in git("branch", "--list")


@pytest.mark.usefixtures("run_id")
def test_the_commit_is_signed_where_the_users_commits_are(
    gitexp: Gitexp, git: Git, tmp_path: Path
) -> None:
    if tuple(map(int, git("version").split()[2].split(".")[:2])) < (2, 34):
        pytest.skip("this git cannot sign with ssh")
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    for setting in (
        "gpg.format=ssh",
        f"user.signingkey={key}",
        "commit.gpgsign=true",
    ):
        git("config", *setting.split("="))

    code, _, _ = gitexp("branch", "better", "proposal")

    assert code == ExitCode.OK
    assert "gpgsig -----BEGIN SSH SIGNATURE-----" in git("cat-file", "commit", "proposal")


def test_a_baseline_with_broken_metrics_is_no_obstacle(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    (work_tree / "metrics.json").write_text("{broken")
    git("add", "metrics.json")
    git("commit", "--quiet", "-m", "broken")
    gitexp("run", "-n", "mended")

    code, _, err = gitexp("branch", "mended", "proposal")

    assert code == ExitCode.OK, err
    assert git("show", "proposal:metrics.json").startswith('{"accuracy"')


@pytest.mark.usefixtures("run_id")
def test_what_git_ignores_is_left_out_and_named(gitexp: Gitexp, git: Git, work_tree: Path) -> None:
    with (work_tree / ".gitignore").open("a") as file:
        file.write("metrics.json\n")

    _, _, err = gitexp("branch", "better", "proposal")
    gitexp("branch", "--all", "better", "everything")

    assert "note: left out, because git ignores it: 'metrics.json' (`--all` takes all)\n" in err
    assert "metrics.json" not in files(git, "proposal")
    assert "metrics.json" in files(git, "everything")
