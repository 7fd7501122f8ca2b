from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from gitexp.housekeeping.gc import find_waste
from gitexp.housekeeping.purge_plan import plan_purge
from gitexp.project import Project
from gitexp.store.reading import CatchUp

from tests.cli.workshop import Run
from tests.workshop import Git, Gitexp


class Train(Protocol):
    """Record a run that writes a model: `train("name", "content")`; of a folder with several."""

    def __call__(self, name: str, *contents: str) -> None: ...


ASKED = (
    "note: `dvc gc -w` and `-a` delete the models of all runs but the newest; "
    "`dvc gc -A` keeps them\n"
)


ALONE = "no DVC remote: nobody else has this data, and `gitexp restore` will not bring it back"


@pytest.fixture
def train(gitexp: Gitexp, work_tree: Path) -> Train:
    """Record a run that writes a model: `train("name", "content")`; of a folder with several."""
    assert work_tree.exists()

    def record(name: str, *contents: str) -> None:
        script = (
            "import sys, pathlib as p; place = p.Path('models'); place.mkdir(exist_ok=True); "
            "[old.unlink() for old in place.iterdir()]; "
            "[(place / f'{at}.pt').write_text(text) for at, text in enumerate(sys.argv[1:])]"
        )
        one = "import sys; open('model.pt', 'w').write(sys.argv[1])"
        code = script if len(contents) > 1 else one
        assert gitexp("run", "-n", name, "--", "python", "-c", code, *contents).code == 0

    return record


def cached(top: Path) -> list[str]:
    """Return the content of every object in the cache that is no folder's manifest."""
    found = (top / ".dvc" / "cache" / "files" / "md5").glob("??/*")
    return sorted(path.read_text() for path in found if path.suffix != ".dir")


@pytest.fixture
def forge(git: Git, work_tree: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Have the last run hold something else at a path, as whoever can push may do it."""

    def forged(path: str, content: str) -> None:
        place = work_tree / ".git" / "forged"
        place.write_text(content)
        blob = git("hash-object", "-w", place).strip()
        with monkeypatch.context() as patched:
            patched.setenv("GIT_INDEX_FILE", str(place.with_suffix(".index")))
            git("read-tree", "experiments")
            git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
            tree = git("write-tree").strip()
        message = git("log", "-1", "--format=%B", "experiments")
        commit = git("commit-tree", tree, "-p", "experiments~1", "-m", message).strip()
        git("update-ref", "refs/heads/experiments", commit)

    return forged


def remove(gitexp: Gitexp, *names: str) -> None:
    assert gitexp("rm", *names).code == 0


def test_the_data_of_removed_runs_is_freed_and_that_of_others_stays(
    train: Train, gitexp: Gitexp, work_tree: Path
) -> None:
    train("first", "alone")
    train("second", "shared")
    train("third", "shared")
    train("fourth", "now")
    remove(gitexp, "first", "second")

    code, out, err = gitexp("gc", "--force")

    assert (code, out) == (
        0,
        f"run     what       size\nfirst   model.pt    5 B\n{ALONE}\n",
    )
    assert err == f"{ASKED}freed 5 B\n"
    assert cached(work_tree) == ["now", "shared"]
    assert gitexp("get", "third", "model.pt", "-o", "third.pt").code == 0
    assert gitexp("gc", "--force") == (0, "Nothing to free.\n", "")


def test_what_a_commit_a_tag_or_the_work_tree_needs_stays(
    train: Train, gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    train("committed", "committed")
    git("add", "--all")
    git("commit", "--quiet", "-m", "with a model")
    train("tagged", "tagged")
    git("add", "--all")
    git("commit", "--quiet", "-m", "with another one")
    git("tag", "v1")
    git("reset", "--quiet", "--hard", "HEAD~1")
    train("staged", "staged")
    git("add", "model.pt.dvc")
    train("there", "there")
    remove(gitexp, "committed", "tagged", "staged", "there")

    assert gitexp("gc", "--force").code == 0

    assert cached(work_tree) == ["committed", "staged", "tagged", "there"]


def test_all_that_is_stashed_stays(train: Train, gitexp: Gitexp, git: Git, work_tree: Path) -> None:
    train("first", "first")
    git("add", "--all")
    git("commit", "--quiet", "-m", "with a model")
    train("stashed", "stashed")
    git("stash", "--quiet")
    (work_tree / "train.py").write_text("later")
    git("stash", "--quiet")
    (work_tree / "model.pt").unlink()
    remove(gitexp, "stashed")

    assert gitexp("gc", "--force").code == 0

    assert cached(work_tree) == ["first", "stashed"]


def test_what_was_merged_and_overwritten_again_stays(
    train: Train, gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    """A path-limited walk of history passes over branches that a merge did not take from."""
    train("side", "side")
    git("checkout", "--quiet", "-b", "side")
    git("add", "--all")
    git("commit", "--quiet", "-m", "side")
    git("checkout", "--quiet", "main")
    git("merge", "--quiet", "--no-ff", "-s", "ours", "side", "-m", "not taken")
    git("branch", "--quiet", "-D", "side")
    (work_tree / "model.pt").unlink(missing_ok=True)
    remove(gitexp, "side")

    assert gitexp("gc", "--force").code == 0

    assert cached(work_tree) == ["side"]


def test_files_that_two_folders_share_stay_with_the_other(
    train: Train, gitexp: Gitexp, work_tree: Path
) -> None:
    (work_tree / "gitexp.yaml").write_text("track: [models/]\n")
    train("old", "a", "b")
    train("new", "b", "c")
    remove(gitexp, "old")

    code, out, _ = gitexp("gc", "--force", "--json")

    assert code == 0
    assert '"what":"models"' in out
    assert cached(work_tree) == ["b", "c"]


def test_nothing_is_freed_without_a_yes(train: Train, gitexp: Gitexp, work_tree: Path) -> None:
    train("one", "one")
    train("two", "two")
    remove(gitexp, "one")

    assert gitexp("gc")[::2] == (
        2,
        f"{ASKED}error: nothing was freed\nhint: Give `--force` to do it.\n",
    )
    assert gitexp("gc", "--dry-run").code == 0
    assert cached(work_tree) == ["one", "two"]


def test_a_cache_that_others_may_use_is_left_alone(
    train: Train, gitexp: Gitexp, work_tree: Path, tmp_path: Path
) -> None:
    (work_tree / ".dvc").mkdir()
    (work_tree / ".dvc" / "config").write_text(f"[cache]\n    dir = {tmp_path / 'cache'}\n")
    train("one", "one")
    train("two", "two")
    remove(gitexp, "one")

    code, out, _ = gitexp("gc", "--force")

    assert code == 0
    assert "is outside" in out
    assert len(list((tmp_path / "cache").glob("files/md5/??/*"))) == 2


def test_old_output_and_unused_copies_of_the_work_tree_go(
    run: Run, gitexp: Gitexp, work_tree: Path, git: Git
) -> None:
    run("old")
    run("new")
    assert gitexp("run", "--temp", "-n", "apart", "--", "true").code == 0
    logs = work_tree / ".git" / "gitexp" / "logs"
    old = next(path for path in sorted(logs.iterdir()))
    old.write_text("epoch 1\n")
    os.utime(old, times=(time.time() - 15 * 86_400,) * 2)

    code, out, _ = gitexp("gc", "--force")

    assert code == 0
    assert "the whole output of 1 run " in out
    assert "a copy of the work tree" in out
    assert len(list(logs.iterdir())) == 2
    assert git("worktree", "list").count("\n") == 1
    assert gitexp("run", "--temp", "-n", "again", "--", "true").code == 0


def test_nothing_is_freed_while_a_run_is_under_way(gitexp: Gitexp, work_tree: Path) -> None:
    assert work_tree.exists()
    inner = (
        f"env -u GITEXP_RUN_ID {Path(os.environ['PATH'].partition(':')[0], 'gitexp')} gc --force"
    )

    code, _, err = gitexp("run", "-n", "busy", "--", f"{inner}; echo $?")

    assert code == 0
    assert "error: run 'busy' is under way on " in err


@pytest.mark.parametrize("how", ["record", "manifest"])
def test_a_run_from_elsewhere_cannot_have_other_files_deleted(
    train: Train,
    gitexp: Gitexp,
    work_tree: Path,
    git: Git,
    forge: Callable[[str, str], None],
    tmp_path: Path,
    how: str,
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (work_tree / "gitexp.yaml").write_text("track: [models/]\n")
    train("evil", "a", "b")
    other_file = f"..{precious}"
    if how == "record":
        record = json.loads(git("show", "experiments:.gitexp/run.json"))
        record["pointers"][0]["md5"] = other_file
        forge(".gitexp/run.json", json.dumps(record))
    else:
        manifest = next((work_tree / ".dvc" / "cache" / "files" / "md5").glob("??/*.dir"))
        manifest.chmod(0o644)
        manifest.write_text(json.dumps([{"md5": other_file, "relpath": "a"}]))
    remove(gitexp, "evil")
    (work_tree / "models.dvc").unlink()

    code, _, _ = gitexp("gc", "--force")

    assert code == 0
    assert precious.read_text() == "mine"


def test_it_is_told_how_many_runs_have_been_read(work_tree: Path, run: Run) -> None:
    run("one")
    run("two")
    told: list[tuple[int, int]] = []
    reading = CatchUp(lambda done, total: told.append((done, total)))
    with Project.open(work_tree, reading) as project:
        find_waste(project)
        in_gc = list(told)
        plan_purge(project, [project.runs.newest()[0]], [])

    assert in_gc == [(0, 2), (2, 2)]
    assert told[len(in_gc) :][-2:] == [(0, 1), (1, 1)]


def test_a_restored_run_says_which_of_its_data_was_freed(train: Train, gitexp: Gitexp) -> None:
    train("one", "one")
    train("two", "two")
    remove(gitexp, "one")

    assert ALONE in gitexp("gc", "--force").out

    assert gitexp("restore", "one") == (
        0,
        "",
        (
            "restored 'one'\nnote: model.pt of 'one' is no longer in the DVC cache: "
            "`gitexp get` asks the DVC remote\n"
        ),
    )


@pytest.mark.usefixtures("store")
def test_where_there_is_a_remote_what_was_not_sent_is_said_to_be_lost(
    train: Train, gitexp: Gitexp
) -> None:
    train("one", "one")
    train("two", "two")
    remove(gitexp, "one")

    assert (
        "what was never sent to the DVC remote does not come back: `gitexp push --all-data`"
        in gitexp("gc", "--dry-run").out
    )
