from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from textwrap import dedent

import pytest

from gitexp.model.record import Inputs

from tests.cli.workshop import Clone
from tests.host_server import HostServer
from tests.signing import signing_key
from tests.workshop import Git, Gitexp

SETTINGS = """\
command: python train.py
policy:
  accuracy: {goal: max, max_drop: 0.01}
  loss: {goal: min}
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place for a repository and its remote, which are made once for all."""
    return tmp_path_factory.mktemp("recorded") / "all"


@pytest.fixture
def with_topic(
    work_tree: Path,
    hub: Path,
    recorded: Path,
    git: Git,
    gitexp: Gitexp,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A repository whose main has what run 'base' made, and its branch 'topic' that of 'better'.

    Everything is pushed to the hub, the runs too.
    """
    if not recorded.exists():
        make(work_tree, git, gitexp)
        recorded.mkdir()
        shutil.copytree(work_tree, recorded / "work", symlinks=True)
        shutil.copytree(hub, recorded / "hub", symlinks=True)
    monkeypatch.chdir(work_tree.parent)
    for place in (work_tree, hub):
        shutil.rmtree(place)
    shutil.copytree(recorded / "work", work_tree, symlinks=True)
    shutil.copytree(recorded / "hub", hub, symlinks=True)
    monkeypatch.chdir(work_tree)
    git("remote", "set-url", "origin", f"file://{hub}")
    git("status")  # git looks at the new inodes
    return work_tree


def make(work_tree: Path, git: Git, gitexp: Gitexp) -> None:
    (work_tree / "gitexp.yaml").write_text(SETTINGS)
    git("commit", "--quiet", "-am", "a policy")
    gitexp("run", "-n", "base")
    git("add", "--all")
    git("commit", "--quiet", "-m", "what base made")
    git("push", "--quiet", "origin", "main")
    gitexp("run", "-S", "rate=0.2", "-n", "better")
    git("checkout", "--quiet", "--force", "main")
    assert gitexp("branch", "better", "topic").code == 0
    git("checkout", "--quiet", "topic")
    git("push", "--quiet", "origin", "topic")
    assert gitexp("push").code == 0


def regress(top: Path, git: Git, gitexp: Gitexp) -> None:
    """Commit the result of a run that is worse than the base."""
    gitexp("-C", top, "run", "-S", "rate=0.01", "-n", "worse")
    git("commit", "--quiet", "-am", "try less", cwd=top)


def fork(git: Git) -> str:
    return git("rev-parse", "main").strip()[:10]


@pytest.mark.usefixtures("with_topic")
def test_a_good_change_passes(git: Git, gitexp: Gitexp) -> None:
    assert gitexp("review") == (
        0,
        dedent(f"""\
            merge base {fork(git)} → topic

            Metrics (metrics.json)
              accuracy   0.95 → 1.0   +0.05    +5.3 %   better
              loss        0.4 → 0.3   -0.1    -25.0 %   better
            Params (params.yaml)
              rate   0.1 → 0.2
            Demands that are kept
              ok   accuracy did not fall
            Runs
              ok   metrics.json: the inputs are those of better
            passed: the one demand is kept; 2 metrics are better
        """),
        "",
    )


@pytest.mark.usefixtures("with_topic")
def test_a_verification_of_the_run_is_noted(gitexp: Gitexp) -> None:
    assert gitexp("verify", "better").code == 0

    assert "note: 'better' was run again to verify it: reproduced\n" in gitexp("review").out


@pytest.mark.usefixtures("with_topic")
def test_metrics_of_the_work_tree_alone_are_to_be_committed(git: Git, gitexp: Gitexp) -> None:
    gitexp("run", "-S", "rate=0.3", "-n", "forgotten")
    git("commit", "--quiet", "-m", "params alone", "params.yaml")
    commit = "commit metrics.json: the work tree has that of forgotten\n"

    assert f"wrong: param rate changed after better; {commit}" in gitexp("review").out
    git("rm", "--quiet", "--cached", "metrics.json")
    git("commit", "--quiet", "-m", "without metrics")
    assert f"note: {commit}" in gitexp("review").out


def test_where_the_base_is_reviewed_there_is_nothing_to_say(
    with_topic: Path, git: Git, gitexp: Gitexp
) -> None:
    git("checkout", "--quiet", "main")
    (with_topic / "train.py").write_text("edited\n")
    nothing = "passed: there is nothing to review, since the base has all commits of this branch\n"
    uncommitted = "note: uncommitted changes are not looked at: train.py\n"

    assert gitexp("review") == (
        0,
        f"merge base {fork(git)} → main\n\n{nothing}",
        uncommitted,
    )
    assert gitexp("review", "--md").out.splitlines()[1:-1] == [
        f"### ✅ gitexp: {nothing.strip()}",
        "",
    ]


def test_inputs_that_the_base_has_changed_meanwhile_are_noted(
    with_topic: Path, git: Git, gitexp: Gitexp
) -> None:
    git("checkout", "--quiet", "main")
    (with_topic / "util.py").write_text("new = 1\n")
    (with_topic / "README.md").write_text("decides nothing\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "main moves")
    git("checkout", "--quiet", "topic")
    note = (
        "note: util.py changed on the base meanwhile, so these metrics will be stale after"
        " the merge; merge the base and run again to have them fresh\n"
    )

    code, out, _ = gitexp("review", "main")

    assert code == 0
    assert note in out
    git("cherry-pick", "main")
    assert note not in gitexp("review", "main").out


def test_what_the_base_has_changed_and_what_decides_nothing_is_not_noted(
    with_topic: Path, git: Git, gitexp: Gitexp
) -> None:
    (with_topic / "train.py").write_text(
        (with_topic / "train.py").read_text() + "Path('log.txt').touch()\n"
    )
    git("commit", "--quiet", "-am", "a log that nobody has declared")
    gitexp("run", "-n", "logged")
    git("add", "--all")
    git("commit", "--quiet", "-m", "logged")
    git("checkout", "--quiet", "main")
    (with_topic / "log.txt").write_text("of another run\n")
    (with_topic / "params.yaml").write_text(
        f"# the same\n{(with_topic / 'params.yaml').read_text()}"
    )
    git("add", "--all")
    git("commit", "--quiet", "-m", "main moves")
    git("checkout", "--quiet", "topic")

    out = gitexp("review", "main").out

    assert "ok   metrics.json: the inputs are those of logged\n" in out
    assert "meanwhile" not in out


@pytest.mark.usefixtures("with_topic")
def test_a_run_that_is_not_there_is_not_asked_of_the_remote(git: Git, gitexp: Gitexp) -> None:
    git("branch", "-D", "experiments")
    git("update-ref", "-d", "refs/remotes/origin/experiments")
    git("remote", "remove", "origin")

    assert gitexp("review", "main", "latest")[::2] == (
        2,
        "error: there are no runs yet\nhint: Make one with `gitexp run`.\n",
    )


def test_a_regression_is_a_no_with_its_reason(with_topic: Path, git: Git, gitexp: Gitexp) -> None:
    regress(with_topic, git, gitexp)

    code, out, err = gitexp("review")

    assert (code, err) == (1, "")
    assert out.endswith(
        "wrong: accuracy fell by 0.045, more than the 0.01 allowed\n"
        "not passed, for 1 reason; 2 metrics are worse\n"
    )


def test_stale_metrics_are_named(with_topic: Path, git: Git, gitexp: Gitexp) -> None:
    (with_topic / "train.py").write_text((with_topic / "train.py").read_text() + "# more\n")
    git("commit", "--quiet", "-am", "more")

    code, out, err = gitexp("review")

    assert (code, err) == (1, "")
    assert out.endswith(
        "wrong: train.py changed after better; run again\n"
        "not passed, for 1 reason; 2 metrics are better\n"
    )


def test_what_was_wrong_before_the_change_is_a_note(
    with_topic: Path, git: Git, gitexp: Gitexp
) -> None:
    git("checkout", "--quiet", "main")
    (with_topic / "train.py").write_text((with_topic / "train.py").read_text() + "# more\n")
    git("commit", "--quiet", "-am", "more")
    git("push", "--quiet", "origin", "main")
    git("checkout", "--quiet", "-b", "words")
    (with_topic / "README.md").write_text("words\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "words")

    code, out, _ = gitexp("review", "main")

    assert code == 0
    assert "note: as before the change: train.py changed after base; run again\n" in out


@pytest.mark.parametrize("name", ["metrics.json", "train.py"])
def test_a_change_answers_for_stale_metrics_that_it_may_have_moved(
    with_topic: Path, git: Git, gitexp: Gitexp, name: str
) -> None:
    git("checkout", "--quiet", "main")
    (with_topic / "metrics.json").write_text('{"accuracy": 0.9501, "loss": 0.3}\n')
    git("commit", "--quiet", "-am", "numbers out of thin air")
    git("checkout", "--quiet", "-b", "more")
    more = '{"accuracy": 0.99, "loss": 0.3}\n' if name == "metrics.json" else "print(1)\n"
    (with_topic / name).write_text(more)
    git("commit", "--quiet", "-am", "more of it")

    code, out, _ = gitexp("review", "main")

    assert code == 1
    assert "wrong: metrics.json: no recorded run has these metrics; run again" in out


@pytest.mark.usefixtures("with_topic")
def test_json_and_csv_have_all_of_it(gitexp: Gitexp) -> None:
    found = json.loads(gitexp("review", "--json").out)
    rows = gitexp("review", "--csv").out.splitlines()

    assert found["passed"] is True
    assert found["head"]["label"] == "topic"
    assert found["verdict"]["metrics"][0] == {
        "name": "accuracy",
        "file": "metrics.json",
        "old": 0.95,
        "new": 1.0,
        "diff": 0.05,
        "outcome": "better",
    }
    assert found["runs"][0]["name"] == "better"
    assert [one["metric"] for one in found["courses"]] == ["accuracy", "loss"]
    assert found["courses"][0] == {
        "metric": "accuracy",
        "values": [0.95, 1.0],
        "base": 0.95,
        "at": 1,
    }
    assert rows[0] == "kind,file,name,old,new,diff,outcome,words"
    assert rows[1] == "metric,metrics.json,accuracy,0.95,1.0,0.05,better,"


def test_metrics_of_one_name_in_two_files_have_a_chart_and_a_sample_each(
    work_tree: Path, hub: Path, git: Git, gitexp: Gitexp
) -> None:
    assert hub.exists()
    (work_tree / "gitexp.yaml").write_text("command: python train.py\nmetrics: [a.json, b.json]\n")
    script = "from pathlib import Path\nrate = Path('params.yaml').read_text().split()[1]\n"
    for name in ("a", "b"):
        script += f"Path('{name}.json').write_text('{{\"{name}\": 1, \"loss\": ' + rate + '}}')\n"
    (work_tree / "train.py").write_text(script)
    git("add", "--all")
    git("commit", "--quiet", "-m", "two")
    for _ in range(2):
        gitexp("run")
    git("add", "--all")
    git("commit", "--quiet", "-m", "results")
    git("push", "--quiet", "origin", "main")
    git("checkout", "--quiet", "-b", "topic")
    for _ in range(2):
        gitexp("run", "-S", "rate=0.2")
    git("commit", "--quiet", "-am", "more")

    found = json.loads(gitexp("review", "--json").out)

    assert [(one["metric"], one["values"]) for one in found["courses"]] == [
        ("loss in a.json", [0.1, 0.1, 0.2, 0.2]),
        ("loss in b.json", [0.1, 0.1, 0.2, 0.2]),
    ]
    assert [
        (one["file"], one["repeats"]["new"]["values"])
        for one in found["verdict"]["metrics"]
        if one["name"] == "loss"
    ] == [("a.json", [0.2, 0.2]), ("b.json", [0.2, 0.2])]


@pytest.mark.usefixtures("with_topic")
def test_md_is_the_comment(gitexp: Gitexp) -> None:
    code, out, _ = gitexp("review", "--md")

    assert code == 0
    assert out.startswith(
        "<!-- gitexp:review . -->\n"
        "### ✅ gitexp: passed: the one demand is kept; 2 metrics are better\n"
    )
    assert "gitexp apply better\n" in out


@pytest.mark.usefixtures("with_topic")
def test_a_shallow_clone_is_deepened_and_that_is_said(
    clone: Clone, git: Git, gitexp: Gitexp
) -> None:
    place = clone("shallow", "--depth=1", "--branch=topic")

    code, out, err = gitexp("-C", place, "review", "main")

    assert code == 0
    assert out.startswith(f"merge base {fork(git)} → topic\n")
    assert "passed: the one demand is kept" in out
    assert err == (
        "note: fetched the experiments branch from 'origin': 2 runs\n"
        "note: fetching main from 'origin'\n"
        "note: this clone is shallow; fetching 50 commits of both sides from 'origin'\n"
    )


def test_a_shallow_clone_is_deepened_until_there_is_a_merge_base(
    with_topic: Path, clone: Clone, git: Git, gitexp: Gitexp
) -> None:
    for number in range(60):
        git("commit", "--quiet", "--allow-empty", "-m", f"{number}", cwd=with_topic)
    git("push", "--quiet", "origin", "topic", cwd=with_topic)
    place = clone("shallow", "--depth=1", "--branch=topic")

    code, out, err = gitexp("-C", place, "review", "main")

    assert code == 0
    assert out.startswith(f"merge base {fork(git)} → topic\n")
    assert "note: this clone is shallow; fetching 50 commits of both sides from 'origin'\n" in err
    assert "note: this clone is shallow; fetching 400 commits of both sides from 'origin'\n" in err


def test_without_an_experiments_branch_the_metrics_are_judged_all_the_same(
    with_topic: Path, hub: Path, clone: Clone, git: Git, gitexp: Gitexp
) -> None:
    assert with_topic.exists()
    git("update-ref", "-d", "refs/heads/experiments", cwd=hub)
    place = clone("bare", "--branch=topic")

    code, out, err = gitexp("-C", place, "review")

    assert code == 0
    assert "note: no run is recorded here, so nothing says which run made the metrics\n" in out
    assert err == (
        "note: there are no runs here, so the one behind the change is unknown:"
        " 'origin' has no branch 'experiments', and so no runs\n"
    )


def test_a_run_that_came_to_the_remote_meanwhile_is_fetched(
    with_topic: Path, hub: Path, clone: Clone, git: Git, gitexp: Gitexp
) -> None:
    place = clone("reused", "--branch=topic")
    assert gitexp("-C", place, "pull").code == 0
    regress(with_topic, git, gitexp)
    git("push", "--quiet", hub, "topic")
    assert gitexp("push").code == 0
    git("pull", "--quiet", "origin", "topic", cwd=place)

    code, out, err = gitexp("-C", place, "review")

    assert code == 1
    assert "  ok   metrics.json: the inputs are those of worse\n" in out
    assert err == "note: fetched the experiments branch from 'origin': 1 run\n"


def test_runs_that_were_fetched_before_do_where_the_remote_is_gone(
    with_topic: Path, hub: Path, clone: Clone, gitexp: Gitexp
) -> None:
    assert with_topic.exists()
    place = clone("alone", "--branch=topic")
    hub.rename(hub.with_name("gone"))

    code, out, err = gitexp("-C", place, "review", "origin/main")

    assert code == 0
    assert "  ok   metrics.json: the inputs are those of better\n" in out
    assert err.startswith(
        "note: the runs are those that were fetched before: remote 'origin' failed:\n"
    )


def test_a_shallow_clone_fetches_what_a_run_started_on_to_tell_deleted_code_from_scratch_files(
    with_topic: Path, clone: Clone, git: Git, gitexp: Gitexp
) -> None:
    git("checkout", "--quiet", "main")
    (with_topic / "old.py").write_text("x = 1\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "old code")
    started_on = git("rev-parse", "HEAD").strip()
    (with_topic / "scratch.py").write_text("x = 1\n")
    gitexp("run", "-S", "rate=0.05", "-n", "last")
    git("add", "metrics.json", "params.yaml")
    git("rm", "--quiet", "old.py")
    git("commit", "--quiet", "-m", "results")
    for number in range(60):
        git("commit", "--quiet", "--allow-empty", "-m", f"{number}")
    (with_topic / "scratch.py").unlink()
    git("push", "--quiet", "origin", "main")
    git("checkout", "--quiet", "-b", "words")
    (with_topic / "README.md").write_text("words\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "words")
    git("push", "--quiet", "origin", "words")
    assert gitexp("push").code == 0
    place = clone("shallow", "--depth=1", "--branch=words")

    _, out, err = gitexp("-C", place, "review", "main")

    assert f"note: fetched {started_on[:10]}, which a run started on, from 'origin'\n" in err
    assert "old.py changed after last; run again\n" in out
    assert "scratch.py changed" not in out


def test_a_record_cannot_have_other_things_fetched(
    with_topic: Path, clone: Clone, git: Git, gitexp: Gitexp
) -> None:
    git("checkout", "--quiet", "main")
    for number in range(60):
        git("commit", "--quiet", "--allow-empty", "-m", f"{number}")
    git("checkout", "--quiet", "-b", "far")
    git("checkout", "topic", "--", ".")
    (with_topic / "train.py").write_text((with_topic / "train.py").read_text() + "# more\n")
    git("commit", "--quiet", "-am", "more")
    git("push", "--quiet", "origin", "main", "far")
    forged = clone("forged", "--branch=experiments")
    record = json.loads((forged / ".gitexp" / "run.json").read_text())
    record["baseline"] = "+refs/heads/main:refs/heads/forged"
    (forged / ".gitexp" / "run.json").write_text(json.dumps(record))
    git("commit", "--quiet", "--all", "--amend", "--no-edit", cwd=forged)
    git("push", "--quiet", "--force", "origin", "experiments", cwd=forged)
    place = clone("shallow", "--depth=1", "--branch=far")

    code, out, _ = gitexp("-C", place, "review", "main")

    assert code == 1
    assert "train.py changed after better; run again\n" in out
    run_id = record["id"]
    assert gitexp("-C", place, "review", "main", "better") == (
        2,
        "",
        dedent(f"""\
            error: run 'better' does not say which commit it started on
            hint: Review a branch of it: `gitexp branch {run_id} BRANCH`.
        """),
    )
    assert git("branch", "--list", "forged", cwd=place) == ""


def test_a_branch_that_was_renamed_is_compared_by_its_commits(
    with_topic: Path, git: Git, gitexp: Gitexp
) -> None:
    assert with_topic.exists()
    git("branch", "--move", "topic", "feature/renamed")
    git("branch", "--move", "main", "trunk")

    code, out, _ = gitexp("review", "trunk")

    assert code == 0
    assert out.startswith(f"merge base {git('rev-parse', 'trunk')[:10]} → feature/renamed\n")


@pytest.mark.usefixtures("with_topic")
def test_what_is_not_there_is_an_error(gitexp: Gitexp) -> None:
    no_rev = dedent("""\
        note: fetching nowhere from 'origin'
        note: remote 'origin' failed:
          fatal: couldn't find remote ref refs/heads/nowhere
        error: no rev 'nowhere' to compare with
        hint: Name the branch that the change is for: `gitexp review BASE`.
    """)
    no_pull_request = (
        "error: there is no pull request of GitHub Actions to post to\n"
        "hint: Run it where GitHub Actions runs for `pull_request`, `push` or `merge_group`,"
        " or leave out `--post`.\n"
    )

    assert gitexp("review", "nowhere") == (2, "", no_rev)
    assert gitexp("review", "main", "topick").err.endswith(
        "error: no run or rev 'topick'\nhint: Did you mean 'topic'? `gitexp ls` lists all runs.\n"
    )
    assert gitexp("review", "main", "--post", "github") == (2, "", no_pull_request)


def test_before_the_first_commit_there_is_nothing_to_review(
    with_topic: Path, git: Git, gitexp: Gitexp
) -> None:
    assert with_topic.exists()
    git("checkout", "--quiet", "--orphan", "unborn")

    assert gitexp("review") == (
        2,
        "",
        "error: there is no commit yet\nhint: A review compares commits: make one first.\n",
    )


def test_unrelated_histories_have_no_answer(with_topic: Path, git: Git, gitexp: Gitexp) -> None:
    assert with_topic.exists()
    git("checkout", "--quiet", "--orphan", "other")
    git("commit", "--quiet", "-m", "other")

    assert gitexp("review", "main") == (
        2,
        "",
        "error: 'main' and 'HEAD' have no common ancestor\n",
    )


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("metrics.json", "'metrics.json' is not valid JSON (line 1, column 2: expecting "),
        ("gitexp.yaml", "'gitexp.yaml' holds a list, not a mapping\n"),
    ],
)
def test_what_cannot_be_read_is_a_no(
    with_topic: Path, git: Git, gitexp: Gitexp, file: str, reason: str
) -> None:
    (with_topic / file).write_text("{" if file.endswith(".json") else "- a\n")
    git("commit", "--quiet", "-am", "broken")
    git("checkout", "--quiet", "main")  # CI stands elsewhere

    code, out, err = gitexp("review", "main", "topic")

    assert (code, err) == (1, "")
    assert f"wrong: {reason}" in out


def test_a_change_that_mends_what_cannot_be_read_is_judged(
    with_topic: Path, git: Git, gitexp: Gitexp
) -> None:
    git("checkout", "--quiet", "main")
    whole = (with_topic / "metrics.json").read_text()
    (with_topic / "metrics.json").write_text("{")
    git("commit", "--quiet", "-am", "broken")
    git("checkout", "--quiet", "-b", "mended")
    (with_topic / "metrics.json").write_text(whole)
    git("commit", "--quiet", "-am", "mended")

    code, out, _ = gitexp("review", "main")

    assert code == 0
    assert (
        "note: metrics.json cannot be read at the merge base, so nothing is compared with it\n"
    ) in out


def test_a_change_answers_for_a_broken_file_that_it_touches(
    with_topic: Path, git: Git, gitexp: Gitexp
) -> None:
    git("checkout", "--quiet", "main")
    (with_topic / "metrics.json").write_text("{")
    git("commit", "--quiet", "-am", "broken")
    git("checkout", "--quiet", "-b", "words")
    (with_topic / "README.md").write_text("words\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "words")
    assert "note: as before the change: 'metrics.json' is not" in gitexp("review", "main").out

    (with_topic / "metrics.json").write_text("{other")
    git("commit", "--quiet", "-am", "broken in the same words")
    code, out, _ = gitexp("review", "main")

    assert code == 1
    assert "wrong: 'metrics.json' is not" in out


def test_settings_that_decide_what_is_judged_are_noted(
    with_topic: Path, git: Git, gitexp: Gitexp
) -> None:
    with (with_topic / "gitexp.yaml").open("a") as file:
        file.write('not_inputs: ["*.py"]\n')
    (with_topic / "train.py").write_text((with_topic / "train.py").read_text() + "# more\n")
    git("commit", "--quiet", "-am", "more")
    git("checkout", "--quiet", "main")

    code, out, _ = gitexp("review", "main", "topic")

    assert code == 0
    assert (
        "note: the change is judged by its own gitexp.yaml, which changes which files count\n"
    ) in out


def test_a_change_that_loosens_what_is_demanded_says_so_rule_by_rule(
    with_topic: Path, git: Git, gitexp: Gitexp
) -> None:
    git("checkout", "--quiet", "main")
    with (with_topic / "gitexp.yaml").open("a") as file:
        file.write("review: {data: forbidden}\n")
    git("commit", "--quiet", "-am", "data is fixed")
    git("checkout", "--quiet", "-b", "looser")
    (with_topic / "gitexp.yaml").write_text("policy: {accuracy: {goal: max, max_drop: 0.5}}\n")
    git("commit", "--quiet", "-am", "looser")

    code, out, _ = gitexp("review", "main")

    looser = (
        "looser: accuracy: max_drop 0.01 → 0.5",
        "looser: loss: goal min is gone",
        "looser: data forbidden → noted",
    )
    assert code == 0
    assert "\n".join(f"note: {words}" for words in looser) in out
    assert gitexp("review", "main", "--json").out.count("looser: ") == 3
    comment = gitexp("review", "main", "--md").out
    assert [line.split()[1] for line in comment.splitlines()[1:7] if line] == [
        *("✅", "the", "looser:", "looser:", "looser:")
    ]


def test_the_limits_of_one_file_are_held_and_told_where_they_are_looser(
    with_topic: Path, git: Git, gitexp: Gitexp
) -> None:
    with (with_topic / "gitexp.yaml").open("a") as file:
        file.write('  "metrics.json:accuracy": {goal: max, min: 5, max_drop: 0.05}\n')
    git("commit", "--quiet", "-am", "a rule for one file")

    code, out, _ = gitexp("review")

    assert code == 1
    assert "note: looser: metrics.json:accuracy: max_drop 0.01 → 0.05\n" in out
    assert "less than the 5 demanded" in out
    assert "no metric is called" not in out


def test_what_an_unreadable_metrics_file_may_hold_is_not_missing(
    with_topic: Path, git: Git, gitexp: Gitexp
) -> None:
    (with_topic / "metrics.json").write_text("{")
    git("commit", "--quiet", "-am", "broken")

    code, out, _ = gitexp("review")

    assert code == 1
    assert "missing" not in out
    assert out.endswith("not passed, for 1 reason\n")


def test_a_policy_of_which_no_metric_is_there_is_no_silence(
    with_topic: Path, git: Git, gitexp: Gitexp
) -> None:
    (with_topic / "gitexp.yaml").write_text("policy: {test.acuracy: {min: 0.9}}\n")
    git("commit", "--quiet", "-am", "misspelt")

    code, out, _ = gitexp("review")

    assert code == 0
    assert "note: policy: no metric is called 'test.acuracy'; did you mean 'accuracy'?\n" in out
    assert out.endswith("passed: there is no metric that the policy demands anything of\n")
    assert "did you mean `accuracy`?" in gitexp("review", "--md").out


@pytest.fixture
def workflow(
    with_topic: Path,
    tmp_path: Path,
    host_server: HostServer,
    git: Git,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[], None]:
    """Set the variables of GitHub Actions for the pull request of a branch, as it is now."""

    def set_variables(branch: str = "topic") -> None:
        head = git("rev-parse", branch, cwd=with_topic).strip()
        event = tmp_path / "event.json"
        pull = {
            "number": 3,
            "head": {"sha": head, "ref": branch},
            "base": {"ref": "main", "sha": git("rev-parse", "main", cwd=with_topic).strip()},
        }
        event.write_text(json.dumps({"pull_request": pull}))
        for name, value in {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REPOSITORY": "ada/work",
            "GITHUB_API_URL": host_server.url,
            "GITHUB_SERVER_URL": "https://git.example",
            "GITHUB_RUN_ID": "5",
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
            "GITHUB_TOKEN": "s3cret",
        }.items():
            monkeypatch.setenv(name, value)

    return set_variables


@pytest.mark.usefixtures("with_topic")
def test_post_writes_comment_status_and_summary(
    workflow: Callable[[], None], host_server: HostServer, tmp_path: Path, git: Git, gitexp: Gitexp
) -> None:
    workflow()

    code, out, err = gitexp("review", "--post", "github")

    assert code == 0
    first, *_, last = out.splitlines()
    assert first.startswith("::stop-commands::")
    assert last == f"::{first.removeprefix('::stop-commands::')}::"
    assert err == (
        "note: fetching main from 'origin'\n"
        f"note: the comment is at {host_server.url}/comment/101\n"
    )
    body = host_server.comments[0]["body"]
    assert body.startswith("<!-- gitexp:review . -->\n### ✅ gitexp: passed")
    assert (tmp_path / "summary.md").read_text() == body
    assert host_server.statuses == [
        {
            "sha": git("rev-parse", "topic").strip(),
            "state": "success",
            "context": "gitexp",
            "description": "passed: the one demand is kept; 2 metrics are better",
            "target_url": "https://git.example/ada/work/actions/runs/5",
        }
    ]


@pytest.fixture
def edited(with_topic: Path, git: Git, gitexp: Gitexp) -> Callable[[str], None]:
    """Make a branch whose run is fresh, then edit its data without committing that.

    One of its metrics is a submodule, which has no content as a file in conflict has none.
    """

    def make_branch(name: str) -> None:
        git("checkout", "--quiet", "-b", name)
        (with_topic / ".dvc").mkdir()
        (with_topic / ".dvc" / "config").touch()
        (with_topic / "data.csv").write_text("1,2\n")
        assert gitexp("track", "data.csv").code == 0
        git("add", "--all")
        git("commit", "--quiet", "-m", "data")
        assert gitexp("run", "-n", "with-data").code == 0
        (with_topic / "gitexp.yaml").write_text(f"{SETTINGS}metrics: [metrics.json, more.json]\n")
        git("add", "--all")
        submodule = f"160000,{git('rev-parse', 'HEAD').strip()},more.json"
        git("update-index", "--add", "--cacheinfo", submodule)
        git("commit", "--quiet", "-m", "what with-data made")
        (with_topic / "data.csv").unlink()
        (with_topic / "data.csv").write_text("9,9\n")

    return make_branch


@pytest.mark.parametrize("name", ["other", "workspace", "staged", "latest", "index", "base"])
def test_a_branch_named_workspace_is_a_commit_like_any_other(
    edited: Callable[[str], None], gitexp: Gitexp, name: str
) -> None:
    edited(name)

    code, out, _ = gitexp("review", "main")

    assert code == 0
    assert out.splitlines()[0].endswith(f" → {name}")
    assert "wrong" not in out


@pytest.mark.parametrize("name", ["other", "workspace", "staged"])
def test_a_branch_that_ci_calls_workspace_is_a_commit_like_any_other(
    edited: Callable[[str], None],
    workflow: Callable[[str], None],
    git: Git,
    gitexp: Gitexp,
    name: str,
) -> None:
    edited(name)
    git("push", "--quiet", "origin", "main")
    git("checkout", "--quiet", "--detach")
    workflow(name)

    code, out, _ = gitexp("review")

    assert code == 0
    assert f" → {name}\n" in out
    assert "wrong" not in out


@pytest.mark.usefixtures("with_topic")
def test_only_text_needs_to_keep_the_runner_from_reading_commands(
    workflow: Callable[[], None], gitexp: Gitexp
) -> None:
    workflow()

    assert gitexp("review").out.startswith("::stop-commands::")
    assert json.loads(gitexp("review", "--json").out)["passed"] is True
    assert gitexp("review", "--md").out.startswith("<!-- gitexp:review")


@pytest.mark.parametrize("passes", [True, False])
def test_where_the_host_fails_the_exit_code_is_the_answer(
    with_topic: Path,
    workflow: Callable[[], None],
    host_server: HostServer,
    tmp_path: Path,
    git: Git,
    gitexp: Gitexp,
    monkeypatch: pytest.MonkeyPatch,
    *,
    passes: bool,
) -> None:
    monkeypatch.setattr("gitexp.hosts.posting._PAUSE", 0)  # instead of 12 s
    if not passes:
        regress(with_topic, git, gitexp)
    workflow()
    for path in ("/comments", git("rev-parse", "topic").strip()):
        host_server.trouble("POST", path, 500, times=9)

    code, _, err = gitexp("review", "--post", "github")

    assert code == (0 if passes else 1)
    assert "warning: the comment was not written: 'POST /repos/ada/work/issues/3/comm" in err
    assert "warning: the status was not set: 'POST /repos/ada/work/statuses/" in err
    answer = "### ✅ gitexp: passed" if passes else "### ❌ gitexp: not passed"
    assert answer in (tmp_path / "summary.md").read_text()


@pytest.mark.usefixtures("with_topic")
def test_a_missing_token_is_called_by_the_name_of_its_variable(
    workflow: Callable[[], None],
    host_server: HostServer,
    gitexp: Gitexp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workflow()
    monkeypatch.delenv("GITHUB_TOKEN")

    code, _, err = gitexp("review", "--post", "github")

    assert (code, host_server.requests) == (0, [])
    assert err.endswith(
        "note: the comment was not written: GITHUB_TOKEN is not set\n"
        "note: the status was not set: GITHUB_TOKEN is not set\n"
    )


@pytest.mark.usefixtures("with_topic")
def test_an_error_sets_the_status_to_no_answer(
    workflow: Callable[[], None], host_server: HostServer, git: Git, gitexp: Gitexp
) -> None:
    git("checkout", "--quiet", "--orphan", "other")
    git("commit", "--quiet", "-m", "other")
    git("branch", "--force", "topic")
    git("push", "--quiet", "--force", "origin", "topic")
    workflow()

    assert gitexp("review", "--post", "github").code == 2
    assert [one["state"] for one in host_server.statuses] == ["error"]
    assert host_server.comments == []


def test_a_merge_queue_gets_a_status_alone_for_what_it_would_merge(
    with_topic: Path,
    workflow: Callable[[], None],
    host_server: HostServer,
    tmp_path: Path,
    git: Git,
    gitexp: Gitexp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workflow()
    monkeypatch.setenv("GITHUB_EVENT_NAME", "merge_group")

    def queue() -> str:
        git("checkout", "--quiet", "-B", "gh-readonly-queue/main/pr-3", "main")
        git("merge", "--quiet", "--no-ff", "-m", "merge", "topic")
        git("push", "--quiet", "--force", "origin", "main", "HEAD")
        base, head = git("rev-parse", "main", "HEAD").split()
        group = {"base_sha": base, "head_sha": head, "head_ref": "refs/heads/queue"}
        (tmp_path / "event.json").write_text(json.dumps({"merge_group": group}))
        return head

    first = queue()
    good = gitexp("review", "--post", "github")
    git("checkout", "--quiet", "main")
    with (with_topic / "train.py").open("a") as file:
        file.write("# more\n")
    git("commit", "--quiet", "-am", "more code on main")
    second = queue()
    stale = gitexp("review", "--post", "github")

    assert (good.code, stale.code, host_server.comments) == (0, 1, [])
    assert "passed: the one demand is kept" in good.out
    assert "train.py changed after better; run again" in stale.out
    assert [(one["sha"], one["state"]) for one in host_server.statuses] == [
        (first, "success"),
        (second, "failure"),
    ]


@pytest.mark.usefixtures("with_topic")
def test_a_push_gets_a_status_alone(
    workflow: Callable[[], None],
    host_server: HostServer,
    tmp_path: Path,
    git: Git,
    gitexp: Gitexp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workflow()
    head = git("rev-parse", "topic").strip()
    monkeypatch.setenv("GITHUB_EVENT_NAME", "push")
    monkeypatch.setenv("GITHUB_SHA", head)

    def said(before: str, branch: str = "topic") -> str:
        (tmp_path / "event.json").write_text(json.dumps({"before": before}))
        monkeypatch.setenv("GITHUB_REF_NAME", branch)
        code, _, err = gitexp("review", "--post", "github")
        assert code == 0
        return err

    gone = said("b" * 40)
    host_server.open = [{"base": {"ref": "main"}}]
    with_pull_request = said("b" * 40)
    runs = said("b" * 40, "experiments")

    assert "note: bbbbbbbbbb is gone, so this compares with the default branch\n" in gone
    assert "note: 'topic' has a pull request, so this compares with 'main'\n" in with_pull_request
    assert runs == "note: 'experiments' holds runs, which a review does not look at\n"
    assert (host_server.comments, host_server.of("PATCH")) == ([], [])
    assert [(one["sha"], one["state"]) for one in host_server.statuses] == 2 * [(head, "success")]
    assert "2 metrics are better" in host_server.statuses[0]["description"]


NOISY = """\
import json
import sys
from pathlib import Path

place = Path(".git/counted")
count = int(place.read_text()) if place.exists() else 0
place.write_text(str(count + 1))
rate = float(Path("params.yaml").read_text().split()[1])
accuracy = round(0.9 + rate / 100 + [0.0, 0.02, -0.02][count % 3], 6)
Path("metrics.json").write_text(json.dumps({"accuracy": accuracy}) + "\\n")
"""


@pytest.mark.parametrize("old_version", [2, 1])
def test_repeats_tell_that_a_move_is_noise(
    work_tree: Path,
    hub: Path,
    git: Git,
    gitexp: Gitexp,
    monkeypatch: pytest.MonkeyPatch,
    old_version: int,
) -> None:
    assert hub.exists()
    (work_tree / "train.py").write_text(NOISY)
    (work_tree / ".gitignore").write_text("/.git/counted\n")
    git("commit", "--quiet", "-am", "chance")
    with monkeypatch.context() as earlier:
        older = partial(Inputs, version=old_version)
        earlier.setattr("gitexp.revisions.inputs.Inputs", older)
        gitexp("run", "-n", "a1")
    for name in ("a2", "a3"):
        gitexp("run", "-n", name)
    git("add", "--all")
    git("commit", "--quiet", "-m", "what a3 made")
    git("push", "--quiet", "origin", "main")
    git("checkout", "--quiet", "-b", "topic")
    (work_tree / "params.yaml").write_text("rate: 0.3\nseed: 1\n")
    git("commit", "--quiet", "-am", "more")
    for name in ("b1", "b2", "b3"):
        gitexp("run", "-n", name)
    gitexp("run", "-n", "b4")
    git("commit", "--quiet", "-am", "what b4 made")

    metrics = json.loads(gitexp("review", "--json").out)["verdict"]["metrics"]

    assert [one["outcome"] for one in metrics] == ["within noise"]
    assert len(metrics[0]["repeats"]["old"]["values"]) == 3
    assert len(metrics[0]["repeats"]["new"]["values"]) == 4


SEEDED = """\
import json
import sys
from pathlib import Path

params = dict(line.split(": ") for line in Path("params.yaml").read_text().splitlines())
seed = int(sys.argv[2] if len(sys.argv) > 2 else params["seed"])
accuracy = round(0.9 + float(params["rate"]) / 100 + [0.0, 0.02, -0.02][seed % 3], 6)
Path("metrics.json").write_text(json.dumps({"accuracy": accuracy}) + "\\n")
"""


@pytest.mark.parametrize("given", ["-S", "on the command line"])
@pytest.mark.parametrize(("seeds", "repeats"), [("", 3), ("review: {seeds: other}\n", None)])
def test_runs_that_differ_in_their_seed_alone_are_repeats(
    work_tree: Path,
    hub: Path,
    git: Git,
    gitexp: Gitexp,
    given: str,
    seeds: str,
    repeats: int | None,
) -> None:
    def run(*args: str, seed: int) -> None:
        command = ("-S", f"seed={seed}", "--", "python", "train.py")
        if given != "-S":
            command = ("--", "python", "train.py", "--seed", str(seed))
        assert gitexp("run", "--temp", *args, *command).code == 0

    assert hub.exists()
    (work_tree / "train.py").write_text(SEEDED)
    (work_tree / "gitexp.yaml").write_text(seeds)
    git("commit", "--quiet", "-am", "chance")
    for seed in (3, 4, 5):
        run("-n", f"a{seed}", seed=seed)
    run("-S", "rate=0.2", seed=4)
    gitexp("apply", "a3")
    git("add", "--all")
    git("commit", "--quiet", "-m", "what a3 made")
    git("push", "--quiet", "origin", "main")
    git("checkout", "--quiet", "-b", "topic")
    for seed in (3, 4, 5):
        run("-S", "rate=0.3", "-n", f"b{seed}", seed=seed)
    gitexp("apply", "b3")
    git("add", "--all")
    git("commit", "--quiet", "-m", "what b3 made")

    [metric] = json.loads(gitexp("review", "--json").out)["verdict"]["metrics"]

    found = metric.get("repeats")
    assert metric["outcome"] == ("within noise" if repeats else "changed")
    assert repeats == (found and len(found["old"]["values"]))
    assert repeats == (found and len(found["new"]["values"]))


@pytest.mark.usefixtures("with_topic")
def test_a_run_is_reviewed_before_there_is_a_branch_of_it(git: Git, gitexp: Gitexp) -> None:
    gitexp("run", "-n", "again")  # has the very inputs and metrics
    git("checkout", "--quiet", "--force", "main")

    code, out, err = gitexp("review", "main", "better")

    assert (code, err) == (0, "")
    assert "→ better\n" in out
    assert "  ok   metrics.json: the inputs are those of better\n" in out
    assert "  accuracy   0.95 → 1.0   +0.05    +5.3 %   better\n" in out


def test_each_project_has_a_comment_of_its_own(
    with_topic: Path,
    workflow: Callable[[], None],
    host_server: HostServer,
    git: Git,
    gitexp: Gitexp,
) -> None:
    (with_topic / "models").mkdir()
    for name in ("gitexp.yaml", "params.yaml", "metrics.json", "train.py"):
        shutil.copy(with_topic / name, with_topic / "models" / name)
    git("add", "--all")
    git("commit", "--quiet", "-m", "a second project")
    git("push", "--quiet", "origin", "topic")
    workflow()

    for folder in (".", "models", ".", "models"):
        gitexp("-C", with_topic / folder, "review", "--post", "github")

    assert [one["body"].splitlines()[0] for one in host_server.comments] == [
        "<!-- gitexp:review . -->",
        "<!-- gitexp:review models -->",
    ]
    assert [one["context"] for one in host_server.statuses] == ["gitexp", "gitexp/models"] * 2


def test_a_change_cannot_do_without_the_signatures_that_its_base_demands(
    with_topic: Path, tmp_path: Path, git: Git, gitexp: Gitexp
) -> None:
    git("checkout", "--quiet", "main")
    (with_topic / "gitexp.yaml").write_text(f"{SETTINGS}review: {{signatures: required}}\n")
    git("commit", "--quiet", "-am", "signed alone")
    git("checkout", "--quiet", "-b", "sly")
    (with_topic / "gitexp.yaml").write_text(SETTINGS)
    git("commit", "--quiet", "-am", "not signed")
    git("checkout", "--quiet", "topic", "--", "params.yaml", "metrics.json")
    git("commit", "--quiet", "-m", "what better made")

    sly = json.loads(gitexp("review", "main", "--json").out)
    signing_key(tmp_path, with_topic)
    git("tag", "-s", "-m", "signed later", "signed", "refs/heads/experiments")
    signed = json.loads(gitexp("review", "main", "--json").out)

    assert sly["reasons"] == ["better is not signed"]
    assert "looser: signatures required → optional" in sly["notes"]
    assert signed["reasons"] == []
