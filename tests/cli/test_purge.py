"""Purging across clones that share a branch; plain git says whether anything is left."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Protocol

import pytest

from gitexp.errors import GitexpError
from gitexp.housekeeping.purge import carry_out
from gitexp.housekeeping.purge_plan import plan_purge
from gitexp.project import Project
from gitexp.store.branch import root_oid

from tests.cli.workshop import Clone, Run
from tests.workshop import Git, Gitexp, git_ended, only_once


class Names(Protocol):
    """List the runs on a branch by the names in their subjects, the oldest first."""

    def __call__(self, place: Path, branch: str = "experiments") -> list[str]: ...


SECRET = "the password is swordfish\n"


def has(place: Path, content: str = SECRET) -> bool:
    """Tell whether a repository has a blob, wherever it may lie."""
    named = subprocess.run(
        ["git", "hash-object", "--stdin"], input=content, capture_output=True, text=True, check=True
    )
    return git_ended("cat-file", "-e", named.stdout.strip(), cwd=place).returncode == 0


def is_sound(place: Path) -> bool:
    """Let git check all objects, those that nothing needs as well."""
    return git_ended("fsck", "--full", "--strict", "--no-dangling", cwd=place).stdout == ""


@pytest.fixture(autouse=True)
def _trusting(git: Git) -> None:
    """Obey everybody's purges: who is to be trusted is for the tests of test_purge_trust."""
    git("config", "--global", "gitexp.acceptPurges", "true")


@pytest.fixture
def names(git: Git) -> Names:
    """List the runs on a branch by the names in their subjects, the oldest first."""

    def listed(place: Path, branch: str = "experiments") -> list[str]:
        subjects = git("log", "--reverse", "--format=%s", branch, cwd=place).splitlines()
        return [line.partition(":")[0] for line in subjects if ":" in line]

    return listed


@pytest.fixture
def leaked(run: Run, work_tree: Path, gitexp: Gitexp, hub: Path) -> Path:
    """Three runs, the last two with a secret in a file that should not have been there; pushed."""
    assert hub.exists()

    def make() -> None:
        run("clean")
        (work_tree / "notes.txt").write_text(SECRET)
        run("leaky")
        run("later")
        (work_tree / "notes.txt").unlink()

    only_once("leaked", work_tree, make)
    assert gitexp("push").code == 0
    return work_tree


def test_a_path_goes_from_all_runs_and_everything_else_stays(
    leaked: Path, gitexp: Gitexp, git: Git, names: Names
) -> None:
    before = json.loads(gitexp("ls", "--json").out)
    untouched = git("rev-parse", "experiments~2")
    assert gitexp("tag", "leaky", "keep").code == 0

    code, out, err = gitexp("purge", "--path", "notes.txt", "--force")

    assert (code, out) == (
        0,
        "run     what        size\nleaky   notes.txt\nlater   notes.txt\n",
    )
    assert err == (
        "purged 'notes.txt' from the runs that are here; its objects go with the next push\n"
        "hint: Take it out of 'origin' with `gitexp push origin`.\n"
        "hint: It is not signed, so other clones ask before they do the same; "
        "`git config commit.gpgSign true` has git sign.\n"
        "hint: Anyone who fetched it has seen it: if a secret leaked, change it now.\n"
        "hint: The hosts of remotes keep what nothing points to for a while; "
        "ask them to delete it.\n"
    )
    assert names(leaked) == ["clean", "leaky", "later"]
    assert git("rev-parse", "experiments~2") == untouched
    assert git("ls-tree", "-r", "--name-only", "experiments", "notes.txt") == ""
    after = json.loads(gitexp("ls", "--json").out)
    same = ("id", "name", "started", "baseline", "inputs", "command", "status")
    assert [[run[key] for key in same] for run in after] == [
        [run[key] for key in same] for run in before
    ]
    assert [run["left_out"] for run in after] == [["notes.txt"], ["notes.txt"], []]
    assert json.loads(gitexp("show", "leaky", "--json").out)["tags"] == ["keep"]


def test_what_was_purged_is_gone_everywhere_once_each_has_pulled(
    leaked: Path, hub: Path, clone: Clone, gitexp: Gitexp, names: Names, run: Run
) -> None:
    pulled, fetched = clone("pulled"), clone("fetched")
    assert gitexp("-C", pulled, "pull").code == 0
    run("mine", pulled)
    assert has(leaked)
    assert has(pulled)
    assert has(fetched)

    assert gitexp("purge", "--path", "notes.txt", "--force").code == 0
    pushed = gitexp("push")
    told = gitexp("-C", pulled, "pull").err
    assert gitexp("-C", fetched, "pull").code == 0

    assert pushed.out == "took out of origin/experiments what was purged\n"
    assert told == "note: Ada purged 'notes.txt'; it is gone from this clone as well\n"
    assert not any(map(has, (leaked, pulled, fetched)))
    assert all(map(is_sound, (leaked, pulled, fetched, hub)))
    assert names(pulled) == ["clean", "leaky", "later", "mine"]
    assert names(hub) == names(fetched) == ["clean", "leaky", "later"]


def test_a_clone_that_slept_cannot_bring_it_back(
    leaked: Path, hub: Path, clone: Clone, gitexp: Gitexp, git: Git, run: Run
) -> None:
    sleeper = clone("sleeper")
    assert gitexp("-C", sleeper, "pull").code == 0
    run("mine", sleeper)
    old = git("rev-parse", "experiments", cwd=sleeper).strip()
    assert gitexp("purge", "leaky", "--force").code == 0
    assert gitexp("push").code == 0

    assert gitexp("-C", sleeper, "push").code == 0
    assert gitexp("pull").code == 0

    lists = [json.loads(gitexp("-C", place, "ls", "--json").out) for place in (leaked, sleeper)]
    assert [[run["name"] for run in each] for each in lists] == [["mine", "later", "clean"]] * 2
    assert [run["oid"] for run in lists[0]] == [run["oid"] for run in lists[1]]
    assert old not in git("rev-list", "--all", cwd=hub)
    assert is_sound(leaked)
    assert is_sound(sleeper)


@pytest.mark.usefixtures("leaked")
def test_a_push_by_plain_git_is_taken_back_by_the_next_of_gitexp(
    hub: Path, clone: Clone, gitexp: Gitexp, git: Git, names: Names
) -> None:
    sleeper = clone("sleeper")
    git("branch", "--quiet", "experiments", "origin/experiments", cwd=sleeper)
    assert gitexp("purge", "leaky", "--force").code == 0
    assert gitexp("push").code == 0
    git("push", "--quiet", "--force", "origin", "experiments", cwd=sleeper)
    assert names(hub) == ["clean", "leaky", "later"]

    code, out, _ = gitexp("push")

    assert (code, out) == (0, "took out of origin/experiments what was purged\n")
    assert names(hub) == ["clean", "later"]


def test_a_push_names_what_the_remote_still_has_under_another_name(
    leaked: Path, hub: Path, clone: Clone, gitexp: Gitexp, git: Git
) -> None:
    """A version of a model on a later run has the purged one below it."""
    other = clone("other")
    assert gitexp("-C", other, "pull").code == 0
    leaky = git("rev-parse", "experiments~1", cwd=other).strip()
    git("tag", "-a", "-m", "a version", "digits@v0.0.1", "experiments", cwd=other)
    git("push", "--quiet", "origin", "digits@v0.0.1", "experiments~1:refs/heads/topic", cwd=other)
    assert gitexp("purge", "leaky", "--force").code == 0

    code, _, err = gitexp("push")

    refs = ["refs/heads/topic", "refs/tags/digits@v0.0.1"]
    named = ", ".join(f"'{ref}'" for ref in refs)
    assert code == 0
    assert f"warning: {named} on 'origin' still have what was purged\n" in err
    command = f"git push --delete origin {' '.join(refs)}"
    assert f"hint: `{command}` takes it out; " in err
    assert leaky in git("rev-list", "--all", cwd=hub)
    git(*command.split()[1:])
    assert leaky not in git("rev-list", "--all", cwd=hub)
    assert is_sound(leaked)


def test_two_purges_made_apart_come_to_one_branch(
    leaked: Path, clone: Clone, gitexp: Gitexp, git: Git, names: Names
) -> None:
    other = clone("other")
    assert gitexp("-C", other, "pull").code == 0

    assert gitexp("purge", "later", "--force").code == 0
    assert gitexp("-C", other, "purge", "--path", "notes.txt", "--force").code == 0
    assert gitexp("push").code == 0
    assert gitexp("-C", other, "push").code == 0
    assert gitexp("pull").code == 0

    assert git("rev-parse", "experiments") == git("rev-parse", "experiments", cwd=other)
    assert names(leaked) == ["clean", "leaky"]
    assert not has(leaked)
    assert not has(other)


def test_a_run_that_joins_need_goes_from_both_sides(
    leaked: Path, clone: Clone, gitexp: Gitexp, run: Run, names: Names
) -> None:
    other = clone("other")
    assert gitexp("-C", other, "pull").code == 0
    run("theirs", other)
    assert gitexp("-C", other, "push").code == 0
    (leaked / "notes.txt").write_text(SECRET)
    run("mine")
    (leaked / "notes.txt").unlink()
    assert gitexp("push").code == 0

    assert gitexp("purge", "mine", "leaky", "later", "--force").code == 0
    assert gitexp("push").code == 0
    assert gitexp("-C", other, "pull").code == 0

    assert sorted(names(leaked)) == sorted(names(other)) == ["clean", "theirs"]
    assert not has(leaked)
    assert not has(other)
    assert is_sound(leaked)
    assert is_sound(other)


def test_only_what_was_purged_is_deleted(leaked: Path, gitexp: Gitexp, git: Git, run: Run) -> None:
    (leaked / "train.py").write_text("print('an idea')\n")
    git("stash", "--quiet")
    lost = git("rev-parse", "refs/stash").strip()
    git("stash", "drop", "--quiet")
    git("checkout", "--quiet", "--detach")
    git("commit", "--quiet", "--allow-empty", "-m", "of no branch")
    alone = git("rev-parse", "HEAD").strip()
    git("checkout", "--quiet", "main")
    git("reflog", "expire", "--expire=all", "--expire-unreachable=all", "--all")
    git("gc", "--quiet", "--no-prune")
    run("packed")
    named = {"runs": [], "paths": [], "dead": [lost, alone], "roots": []}
    event = {"time": "9998-01-02T03:04:05.000Z", "id": "0" * 16, "run": "", "op": "purge"}
    line = json.dumps({**event, "value": named})  # a list that names what is no run
    git("notes", "--ref=gitexp", "add", "-m", line, root_oid("sha1"))
    assert gitexp("pull", "--accept-purges").code == 0

    assert gitexp("purge", "--path", "notes.txt", "--force").code == 0

    assert "9998" not in git("notes", "--ref=gitexp", "show", root_oid("sha1")).splitlines()[-1]
    assert git("show", f"{lost}:train.py") == "print('an idea')\n"
    assert git("cat-file", "-t", alone) == "commit\n"
    assert is_sound(leaked)


def test_what_another_branch_has_stays_and_is_told(
    work_tree: Path, gitexp: Gitexp, git: Git, run: Run
) -> None:
    (work_tree / "notes.txt").write_text(SECRET)
    git("add", "notes.txt")
    git("commit", "--quiet", "-m", "notes")
    run("leaky")

    code, _, err = gitexp("purge", "--path", "notes.txt", "--force")

    assert code == 0
    assert err.startswith(
        "purged 'notes.txt' in this clone\n"
        "warning: some of what was purged is still in this clone: 'refs/heads/main' needs it\n"
        "hint: Once that is gone, `gitexp gc` deletes it.\n"
        "warning: 'notes.txt' is still in the work tree, and no run starts while it is there\n"
    )
    assert has(work_tree)


def test_what_was_needed_is_deleted_by_gc_once_it_is_not(
    leaked: Path, gitexp: Gitexp, git: Git
) -> None:
    assert gitexp("branch", "leaky", "kept", "--all").code == 0
    assert gitexp("purge", "--path", "notes.txt", "--force").code == 0
    told = gitexp("push").err
    assert has(leaked)
    git("branch", "--quiet", "-D", "kept")

    code, _, err = gitexp("gc")

    assert "'refs/heads/kept' needs it" in told
    assert (code, err) == (0, "note: what was purged is now gone from this clone\n")
    assert not has(leaked)
    assert is_sound(leaked)


@pytest.mark.usefixtures("leaked")
def test_no_run_brings_back_what_was_purged(clone: Clone, gitexp: Gitexp, run: Run) -> None:
    other = clone("other")
    assert gitexp("-C", other, "pull").code == 0
    (other / "notes.txt").write_text(SECRET)
    assert gitexp("purge", "--path", "notes.txt", "--force").code == 0
    assert gitexp("push").code == 0

    told = gitexp("-C", other, "pull").err
    code, _, err = gitexp("-C", other, "run", "--", "true")

    assert told.endswith("warning: 'notes.txt' is still in this work tree\n")
    assert code == 125
    assert err.startswith("error: what was purged would enter history again: 'notes.txt'\n")
    (other / "notes.txt").write_text("harmless\n")
    run("harmless", other)


def test_data_of_a_pipeline_is_purged_with_its_runs(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "dvc.yaml").write_text(
        "stages:\n  make:\n    cmd: echo 1 > out.txt\n    outs: [out.txt]\n"
    )
    assert gitexp("init").code == 0
    assert gitexp("run", "-n", "piped", "--", "dvc", "repro", "--quiet").code == 0

    assert gitexp("purge", "--path", "out.txt", "--force") == (
        2,
        "",
        (
            "error: 'out.txt' is in no run's tree: a `dvc.lock` points to its data\n"
            "hint: Purge the runs that have it: `gitexp purge RUN...`. Their data goes too.\n"
        ),
    )


def test_the_same_path_with_other_content_is_welcome_afterwards(
    leaked: Path, gitexp: Gitexp, git: Git, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gitexp("purge", "--path", "notes.txt", "--force").code == 0
    assert gitexp("push").code == 0
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2099-01-01T00:00:00+00:00")
    (leaked / "notes.txt").write_text("nothing to hide\n")
    run("harmless")

    assert gitexp("push").code == 0

    assert git("show", "origin/experiments:notes.txt") == "nothing to hide\n"


def test_params_go_with_their_file(work_tree: Path, gitexp: Gitexp, run: Run) -> None:
    assert work_tree.exists()
    run("one")

    assert gitexp("purge", "--path", "params.yaml", "--force").code == 0

    record = json.loads(gitexp("show", "one", "--json").out)
    assert record["params"] == {}
    assert record["left_out"] == ["params.yaml"]


def test_nothing_is_purged_without_a_yes(leaked: Path, gitexp: Gitexp, git: Git) -> None:
    tip = git("rev-parse", "experiments")

    assert gitexp("purge", "leaky")[::2] == (
        2,
        "error: nothing was purged\nhint: Give `--force` to do it.\n",
    )
    assert gitexp("purge", "leaky", "--dry-run") == (
        0,
        (
            "run     what            size\n"
            "leaky   the whole run\n"
            "1 more commit of the branch would get new ids.\n"
        ),
        "",
    )
    assert git("rev-parse", "experiments") == tip
    assert has(leaked)


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        ((), 2, "name either runs, or paths with --path"),
        (("leaky", "--path", "notes.txt"), 2, "name either runs, or paths with --path"),
        (("nobody",), 2, "error: no run 'nobody'\nhint: `gitexp ls` lists all runs.\n"),
        (("--path", "none.txt"), 1, "no run has it\n"),
        (("--path", "../x"), 2, "error: '../x' is outside the repository\n"),
        (
            ("--path", "."),
            2,
            (
                "error: '.' holds the records of runs\n"
                "hint: Purge those runs as a whole: `gitexp purge RUN`.\n"
            ),
        ),
        (
            ("--path", ".gitexp"),
            2,
            (
                "error: '.gitexp' holds the records of runs\n"
                "hint: Purge those runs as a whole: `gitexp purge RUN`.\n"
            ),
        ),
    ],
)
def test_what_cannot_be_purged_is_told(
    leaked: Path, gitexp: Gitexp, args: tuple[str, ...], code: int, said: str
) -> None:
    assert leaked.exists()

    outcome = gitexp("purge", *args, "--force")

    assert (outcome.code, outcome.out) == (code, "")
    assert said in outcome.err


def test_a_remote_that_takes_no_forced_push_says_so(
    leaked: Path, hub: Path, gitexp: Gitexp, git: Git
) -> None:
    assert leaked.exists()
    git("config", "receive.denyNonFastForwards", "true", cwd=hub)
    assert gitexp("purge", "leaky", "--force").code == 0

    code, out, err = gitexp("push")

    assert (code, out) == (2, "")
    assert (
        "error: 'origin' rejects the runs, probably by its rule of not taking forced pushes" in err
    )
    assert "hint: Only a forced push takes what was purged off the remote" in err


def test_the_data_of_a_purged_run_goes_from_the_cache(work_tree: Path, gitexp: Gitexp) -> None:
    train = "import sys; open('model.pt', 'w').write(sys.argv[1])"
    for name in ("one", "two"):
        assert gitexp("run", "-n", name, "--", "python", "-c", train, name).code == 0
    cache = work_tree / ".dvc" / "cache" / "files" / "md5"
    assert sorted(path.read_text() for path in cache.glob("??/*")) == ["one", "two"]

    assert gitexp("purge", "one", "--force").code == 0

    assert [path.read_text() for path in cache.glob("??/*")] == ["two"]


def test_a_model_goes_with_its_pointer_and_its_data(work_tree: Path, gitexp: Gitexp) -> None:
    train = "import sys; open('model.pt', 'w').write(sys.argv[1])"
    for name in ("one", "two"):
        assert gitexp("run", "-n", name, "--", "python", "-c", train, name).code == 0
    (work_tree / "model.pt.dvc").unlink()
    (work_tree / "model.pt").unlink()

    assert gitexp("purge", "--path", "model.pt", "--force").code == 0

    assert not list((work_tree / ".dvc" / "cache" / "files" / "md5").glob("??/*"))
    record = json.loads(gitexp("show", "one", "--json").out)
    assert (record["pointers"], record["left_out"]) == ([], ["model.pt"])


def test_what_dvc_sees_of_a_run_is_purged_as_well(
    work_tree: Path, gitexp: Gitexp, git: Git, run: Run
) -> None:
    (work_tree / "gitexp.yaml").write_text("mirror: dvc\n")
    run("clean")
    (work_tree / "notes.txt").write_text(SECRET)
    run("leaky")
    run("worse")
    (work_tree / "notes.txt").unlink()

    assert gitexp("purge", "worse", "--force").code == 0
    assert gitexp("purge", "--path", "notes.txt", "--force").code == 0

    shown = git("for-each-ref", "--format=%(refname:lstrip=4)", "refs/exps/").split()
    assert sorted(shown) == ["clean", "leaky"]
    assert not has(work_tree)
    assert is_sound(work_tree)


def test_what_has_come_since_the_plan_is_not_taken(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    train = ("python", "-c", "import sys; open('model.pt', 'w').write(sys.argv[1])")
    assert gitexp("run", "-n", "old", "--", *train, "same").code == 0
    with Project.open(work_tree) as project:
        plan = plan_purge(project, [project.runs.newest()[0]], [])
        assert plan is not None
        assert gitexp("run", "-n", "new", "--", *train, "same").code == 0
        tip = git("rev-parse", "experiments")

        with pytest.raises(GitexpError, match="a run has been recorded since"):
            carry_out(project, plan, print)

    assert git("rev-parse", "experiments") == tip
    assert gitexp("get", "new", "model.pt", "-o", "copy.pt").code == 0


def test_data_that_the_user_has_come_to_need_since_stays(work_tree: Path, gitexp: Gitexp) -> None:
    train = ("python", "-c", "open('model.pt', 'w').write('same')")
    assert gitexp("run", "-n", "old", "--", *train).code == 0
    pointer = (work_tree / "model.pt.dvc").read_bytes()
    (work_tree / "model.pt.dvc").unlink()
    with Project.open(work_tree) as project:
        plan = plan_purge(project, [project.runs.newest()[0]], [])
        assert plan is not None
        assert plan.data
        (work_tree / "kept.dvc").write_bytes(pointer)

        carry_out(project, plan, print)

    cache = work_tree / ".dvc" / "cache" / "files" / "md5"
    assert [path.read_text() for path in cache.glob("??/*")] == ["same"]


def test_a_shallow_branch_is_made_whole_before_it_is_purged(
    leaked: Path, gitexp: Gitexp, git: Git, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert leaked.exists()
    other = clone("other", "--depth=1", "--no-single-branch")
    monkeypatch.chdir(other)
    git("branch", "--quiet", "experiments", "origin/experiments")

    refused = gitexp("purge", "--path", "notes.txt", "--force")
    assert gitexp("pull").code == 0
    purged = gitexp("purge", "--path", "notes.txt", "--force")

    assert (refused.code, purged.code) == (2, 0)
    assert refused.err == (
        "error: the history of the runs is cut off in this clone, so nothing can be purged\n"
        "hint: `gitexp pull` makes it whole.\n"
    )
    assert is_sound(other)
