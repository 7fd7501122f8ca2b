"""GTO is the oracle: what it writes gitexp reads alike, and what gitexp writes GTO reads alike."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gto.api
import pytest
from gto.constants import Action
from gto.exceptions import GTOException
from gto.tag import name_tag
from gto.tag import parse_name as gto_parse
from gto.versions import SemVer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.project import Project
from gitexp.registry.events import read_events
from gitexp.registry.grammar import TagName, bumped, parse_tag, precedence
from gitexp.registry.promotion import Wish, carry_out, plan_promotion
from gitexp.registry.state import Model, read_models
from gitexp.registry.withdrawal import demote, deprecate

from tests.workshop import Gitexp, git

NAMES = st.sampled_from(["digits", "a/b", "vision:digits", "x.y/z:a", "m-1_2"])
ODD = st.text("av0123.-+=#@!:/_x", min_size=1, max_size=24)
NUMBERS = st.integers(0, 12).map(str)
SEMVER = st.builds(
    lambda numbers, before, built: "v" + ".".join(numbers) + before + built,
    st.tuples(NUMBERS, NUMBERS, NUMBERS),
    st.sampled_from(["", "-rc.1", "-rc.10", "-rc.2", "-alpha", "-1", "-a.b"]),
    st.sampled_from(["", "+build", "+7"]),
)
STAGES = st.sampled_from(["prod", "dev", "eu/prod"])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["register", "register", "assign", "assign", "loose", "unassign", "drop", "deprecate"]
        ),
        st.sampled_from(["digits", "vision:digits"]),
        st.integers(0, 3),
        st.sampled_from(["prod", "dev"]),
        st.sampled_from([0, 0, 1]),
    ),
    max_size=12,
)
SLOW = settings(max_examples=15, suppress_health_check=list(HealthCheck))


def test_every_tag_of_gto_is_read_as_gto_reads_it() -> None:
    @given(st.one_of(ODD, st.builds(_tag_of_gto, NAMES, SEMVER, STAGES, st.integers(0, 12))))
    @settings(max_examples=400)
    def holds(name: str) -> None:
        theirs = gto_parse(name, raise_on_fail=False)
        ours = parse_tag(name)

        if not theirs or "action" not in theirs:
            assert ours is None
            return
        assert ours is not None
        assert (ours.model, ours.action) == (theirs["name"], theirs["action"].value)
        assert (ours.version, ours.stage) == (
            theirs.get("version") or "",
            theirs.get("stage") or "",
        )
        assert ours.counter == theirs.get("counter", 0)

    holds()


def _tag_of_gto(model: str, version: str, stage: str, number: int) -> str:
    action = list(Action)[1:][number % 5]
    simple = name_tag(action, model, version=version, stage=stage, simple=True)
    return f"{simple}#{number}" if number else simple


@given(NAMES, SEMVER, STAGES, st.sampled_from(["register", "deregister", "assign", "unassign"]))
def test_a_tag_is_named_as_gto_names_it(model: str, version: str, stage: str, action: Any) -> None:
    has_stage = action in ("assign", "unassign")
    ours = TagName(action, model, "" if has_stage else version, stage if has_stage else "")

    assert str(ours) == name_tag(Action(action), model, version=version, stage=stage, simple=True)
    assert parse_tag(str(ours)) == ours


@given(st.lists(SEMVER, max_size=8))
def test_versions_are_sorted_as_gto_sorts_them(versions: list[str]) -> None:
    ours = sorted(versions, key=lambda one: precedence(one) or ((0, 0, 0), False, ()))

    assert ours == sorted(versions, key=SemVer)


@given(SEMVER)
def test_versions_are_counted_as_gto_counts(version: str) -> None:
    assert bumped(version, "major") == SemVer(version).bump_major().version
    assert bumped(version, "minor") == SemVer(version).bump_minor().version
    assert bumped(version, "patch") == SemVer(version).bump_patch().version


def test_histories_that_gto_wrote_are_read_as_gto_reads_them(
    work_tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = itertools.count()
    for number in range(3):
        git("commit", "--quiet", "--allow-empty", "-m", str(number))
    commits = git("rev-list", "HEAD").split()

    @given(STEPS)
    @SLOW
    def holds(steps: list[tuple[str, str, int, str, int]]) -> None:
        place = tmp_path / f"copy-{next(places)}"
        git("clone", "--quiet", "--no-local", work_tree, place)
        written = _written_by_gto(place, commits, steps, monkeypatch)
        assert_read_alike(place, written)

    holds()


def _written_by_gto(
    place: Path,
    commits: list[str],
    steps: list[tuple[str, str, int, str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> list[str]:
    """Have GTO do what it agrees to; return what it did."""
    moment, done = 1_700_000_000, []
    for action, model, at, stage, later in steps:
        moment += later
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{moment} +0000")
        rev = commits[at]
        try:
            _step(str(place), action, model, rev, stage)
        except GTOException:
            continue
        done.append(f"{action} {model} {at} {stage} {moment}")
    return done


def _step(place: str, action: str, model: str, rev: str, stage: str) -> None:
    if action == "register":
        gto.api.register(place, model, rev)
    elif action == "drop":
        gto.api.deregister(place, model, ref=rev)
    elif action == "deprecate":
        gto.api.deprecate(place, model)
    elif action == "unassign":
        gto.api.unassign(place, model, stage=stage, ref=rev)
    else:
        gto.api.assign(place, model, stage, ref=rev, skip_registration=action == "loose")


def assert_read_alike(place: Path, said: object) -> None:
    """Compare what GTO and gitexp make of the tags of a repository."""
    with Repository.open(place) as repository:
        models = read_models(read_events(repository))
    assert _shown(models) == _shown_by_gto(place), said
    assert sorted(_told(models)) == sorted(
        (event["ref"], event["event"], event["artifact"], event["stage"] or "", event["commit"])
        for event in gto.api.history(str(place))
    ), said


def _shown(models: Mapping[str, Model]) -> dict[str, tuple[object, ...]]:
    return {
        name: (
            model.latest.name if model.latest else None,
            {stage: version.name for stage, version in sorted(model.stages.items())},
        )
        for name, model in models.items()
        if model.is_active
    }


def _shown_by_gto(place: Path) -> dict[str, tuple[object, ...]]:
    shown: Any = gto.api.show(str(place))
    return {
        name: (
            one["version"],
            {stage: held for stage, held in sorted(one["stage"].items()) if held is not None},
        )
        for name, one in shown.items()
    }


def _told(models: Mapping[str, Model]) -> list[tuple[object, ...]]:
    events = {"register": "registration", "deregister": "deregistration"}
    events |= {"assign": "assignment", "unassign": "unassignment", "deprecate": "deprecation"}
    return [
        (event.tag, events[event.what.action], name, event.what.stage, event.commit)
        for name, model in models.items()
        for event in model.events
    ]


def test_histories_that_gitexp_wrote_are_read_by_gto_as_they_were_meant(
    work_tree: Path, gitexp: Gitexp
) -> None:
    names = [f"run-{number}" for number in range(4)]
    for number, name in enumerate(names):
        assert gitexp("run", "-n", name, "-S", f"seed={number}").code == 0

    @given(STEPS)
    @SLOW
    def holds(steps: list[tuple[str, str, int, str, int]]) -> None:
        if before := git("tag").split():
            git("tag", "-d", *before)
        written = [tag for step in steps for tag in _written_by_gitexp(work_tree, names, step)]
        assert_read_alike(work_tree, written)
        for tag in written[-1:]:
            [event] = gto.api.check_ref(str(work_tree), f"refs/tags/{tag}")
            assert event.ref == tag

    holds()


def _written_by_gitexp(
    place: Path, names: list[str], step: tuple[str, str, int, str, int]
) -> list[str]:
    """Have gitexp do what it agrees to; return the tags that it wrote."""
    action, model, at, stage, _ = step
    with Project.open(place) as project:
        try:
            if action == "drop":
                [latest] = [read_models(read_events(project.repository))[model].latest]
                name = latest.name if latest else "v9.9.9"
                return [str(deprecate(project, model, name, "").name)]
            if action == "deprecate":
                return [str(deprecate(project, model, None, "").name)]
            if action == "unassign":
                return [str(demote(project, model, stage, "").tag.name)]
            [run] = project.runs.index.named(names[at], "")
            wish = Wish(model, path="metrics.json", stage="" if action == "register" else stage)
            plan = plan_promotion(project, run, wish)
            carry_out(project, plan)
            return [str(tag.name) for tag in plan.tags]
        except (GitexpError, KeyError):
            return []


def test_a_lightweight_tag_and_a_renamed_one_say_nothing(work_tree: Path) -> None:
    git("tag", "digits@v1.0.0")
    git("tag", "-a", "-m", "one", "digits@v2.0.0")
    git("update-ref", "refs/tags/digits@v3.0.0", "refs/tags/digits@v2.0.0")
    git("tag", "-a", "-m", "a tree", "digits@v4.0.0", "HEAD^{tree}")
    git("tag", "-a", "-m", "of the release", "v1.0.0")

    with Repository.open(work_tree) as repository:
        found = read_events(repository)

    assert [event.tag for event in found] == ["digits@v2.0.0"]
    assert os.environ["GIT_COMMITTER_DATE"].startswith("2026-01-02")
    assert (found[0].by, found[0].message) == ("Ada <ada@example.com>", "one")
