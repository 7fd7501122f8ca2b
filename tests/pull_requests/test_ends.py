from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.pull_requests.ends import Ends, Wanted, find_ends

from tests.workshop import git, shell


def commit(place: Path, message: str) -> str:
    git("commit", "--quiet", "--allow-empty", "-m", message, cwd=place)
    return git("rev-parse", "HEAD", cwd=place).strip()


class Places:
    """A hub with a main of two commits and a topic that left it after the first."""

    def __init__(self, tmp_path: Path) -> None:
        self.hub, self.work = tmp_path / "hub.git", tmp_path / "work"
        history = """
            git init --quiet --bare hub.git
            git init --quiet work
            hub=file://$PWD/hub.git
            cd work
            git remote add origin "$hub"
            git commit --quiet --allow-empty -m fork
            git checkout --quiet -b topic
            git commit --quiet --allow-empty -m topic
            git checkout --quiet main
            git commit --quiet --allow-empty -m main
            git push --quiet origin main topic
            git rev-parse main~1 topic main
        """
        self.fork, self.topic, self.main = shell(history, tmp_path).split()

    def clone(self, *options: str) -> Path:
        """Clone the hub."""
        place = self.hub.parent / "clone"
        git("clone", "--quiet", *options, f"file://{self.hub}", place, cwd=self.hub.parent)
        return place


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path)


def ends(place: Path, wanted: Wanted, told: list[str]) -> Ends:
    with Project.open(place) as project:
        return find_ends(project, wanted, told.append)


def test_a_whole_clone_is_asked_nothing_of_its_remote(places: Places) -> None:
    place = places.clone("--branch=topic")
    places.hub.rename(places.hub.with_name("gone"))
    told: list[str] = []

    assert ends(place, Wanted(), told) == Ends(places.fork, places.topic, "topic", base=places.main)
    assert ends(place, Wanted("main"), told) == Ends(
        places.fork, places.topic, "topic", base=places.main
    )
    assert told == []


def test_the_default_branch_of_the_remote_is_the_base(places: Places) -> None:
    git("branch", "--move", "main", "trunk", cwd=places.hub)
    place = places.clone()
    git("checkout", "--quiet", "topic", cwd=place)

    assert ends(place, Wanted(), []).fork == places.fork


def test_a_clone_of_a_topic_alone_asks_for_the_default_branch(places: Places) -> None:
    git("branch", "--move", "main", "trunk", cwd=places.hub)
    git("symbolic-ref", "HEAD", "refs/heads/trunk", cwd=places.hub)
    place = places.clone("--depth=1", "--branch=topic")
    told: list[str] = []

    found = ends(place, Wanted(), told)

    assert found == Ends(places.fork, places.topic, "topic", base=places.main)
    assert told[0] == "note: fetching trunk from 'origin'"


def test_what_can_be_no_branch_is_not_asked_for(places: Places) -> None:
    place = places.clone()
    told: list[str] = []

    for text in ("", "a b", "--all", "topic~90", "x.lock"):
        with pytest.raises(GitexpError, match="no rev"):
            ends(place, Wanted(text), told)
        with pytest.raises(GitexpError, match="no run or rev"):
            ends(place, Wanted("main", text), told)

    assert told == []


@pytest.mark.parametrize("range_", ["main..topic", "main...topic"])
def test_a_range_is_two_words(places: Places, range_: str) -> None:
    with pytest.raises(GitexpError, match="is a range of commits") as raised:
        ends(places.clone(), Wanted(range_), [])

    assert raised.value.hint == "Give two words: `gitexp review main topic`."


def test_the_work_tree_is_no_commit(places: Places) -> None:
    with pytest.raises(GitexpError, match="the work tree is not one"):
        ends(places.clone(), Wanted("main", "workspace"), [])


def test_a_commit_that_only_the_remote_has_is_fetched(places: Places) -> None:
    place = places.clone("--depth=1", "--single-branch", "--branch=main")
    told: list[str] = []

    found = ends(place, Wanted("main", places.topic, "topic", anew=True), told)

    assert found == Ends(places.fork, places.topic, "topic", base=places.main)
    assert told[:2] == [
        "note: fetching main from 'origin'",
        f"note: fetching {places.topic[:10]} from 'origin'",
    ]


def test_a_base_that_is_asked_for_anew_is_that_of_the_remote(places: Places) -> None:
    place = places.clone("--branch=topic")
    git("checkout", "--quiet", "topic", cwd=places.work)
    git("push", "--quiet", "origin", "topic:main", "--force", cwd=places.work)

    assert ends(place, Wanted("main"), []).fork == places.fork
    assert ends(place, Wanted("main", anew=True), []).fork == places.topic


def test_a_shallow_clone_with_a_commit_of_its_own_is_deepened(places: Places) -> None:
    place = places.clone("--depth=1", "--no-single-branch", "--branch=topic")
    own = commit(place, "never pushed")
    told: list[str] = []

    assert ends(place, Wanted(), told) == Ends(places.fork, own, "topic", base=places.main)
    assert told == ["note: this clone is shallow; fetching 50 commits of both sides from 'origin'"]


def test_a_merge_base_is_the_best_one_though_a_shorter_way_leads_to_another(
    places: Places,
) -> None:
    """Topic left main at its second commit, long ago, and merged something older just now."""
    work = places.work
    git("checkout", "--quiet", "-b", "long", "main", cwd=work)
    for number in range(60):
        commit(work, f"{number}")
    git("merge", "--quiet", "-m", "something older", "topic", cwd=work)
    head = git("rev-parse", "HEAD", cwd=work).strip()
    git("push", "--quiet", "origin", "long", cwd=work)
    place = places.clone("--depth=1", "--branch=long")

    assert ends(place, Wanted("main"), []).fork == places.main
    assert ends(place, Wanted("main"), []).head == head


def test_a_shallow_clone_without_a_remote_says_what_is_missing(places: Places) -> None:
    place = places.clone("--depth=1", "--no-single-branch", "--branch=topic")
    git("branch", "main", "origin/main", cwd=place)
    git("remote", "remove", "origin", cwd=place)

    with pytest.raises(GitexpError, match="shallow and ends before the merge base"):
        ends(place, Wanted("main"), [])


def test_nothing_to_compare_with_is_an_error(tmp_path: Path) -> None:
    git("init", "--quiet", "--initial-branch=odd", tmp_path / "odd", cwd=tmp_path)
    commit(tmp_path / "odd", "start")

    with pytest.raises(GitexpError, match="nothing says what the change is for"):
        ends(tmp_path / "odd", Wanted(), [])
    for text in ("--all", "", "nowhere"):
        with pytest.raises(GitexpError, match="no rev"):
            ends(tmp_path / "odd", Wanted(text), [])
        with pytest.raises(GitexpError, match="no run or rev"):
            ends(tmp_path / "odd", Wanted("odd", text), [])
