"""`gitexp models`: what is listed, and what is got, whoever wrote the tags."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import gto.api
import pytest

import gitexp as api
from gitexp.errors import ExitCode

from tests.cli.workshop import MODELLING
from tests.workshop import Git, Gitexp, commit_all, dvc, only_once, write


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project whose runs write a model."""
    return MODELLING


@pytest.fixture
def runs(gitexp: Gitexp, work_tree: Path) -> None:
    """Three runs, each with another rate."""

    def make() -> None:
        for name, rate in (("one", "0.1"), ("two", "0.2"), ("three", "0.3")):
            assert gitexp("run", "-n", name, "-S", f"rate={rate}").code == 0

    only_once("three runs", work_tree, make)


def test_nothing_is_said_of_models_where_there_are_none(gitexp: Gitexp, work_tree: Path) -> None:
    assert work_tree.exists()
    assert gitexp("models") == (
        ExitCode.OK,
        (
            "No models; `gitexp promote RUN NAME` makes a version, "
            "`gitexp pull` gets those of others.\n"
        ),
        "",
    )
    assert gitexp("models", "history", "digits").err.startswith("error: no model 'digits'\n")


@pytest.mark.usefixtures("runs")
def test_the_latest_version_is_listed_and_those_that_hold_a_stage(gitexp: Gitexp) -> None:
    gitexp("promote", "one", "digits", "--stage", "prod")
    gitexp("promote", "two", "digits")
    gitexp("promote", "three", "digits", "--stage", "dev")
    gitexp("promote", "three", "other")

    text = gitexp("models", "--format", "md").out
    listed = json.loads(gitexp("models", "--json").out)
    everything = json.loads(gitexp("models", "--all", "--json").out)
    csv = gitexp("models", "--csv").out.splitlines()

    assert [(one["model"], one["version"], one["stages"], one["run"]) for one in listed] == [
        ("digits", "v0.0.3", ["dev"], "three"),
        ("digits", "v0.0.1", ["prod"], "one"),
        ("other", "v0.0.1", [], "three"),
    ]
    assert listed[0]["metrics"] == {"accuracy": 1.05, "loss": 0.2}
    assert listed[0]["path"] == "model.joblib"
    assert [one["version"] for one in everything] == ["v0.0.3", "v0.0.1", "v0.0.2", "v0.0.1"]
    assert csv[0].startswith("model,version,stages,latest,run,run_id,commit,path,md5,time,by,")
    assert "| digits | v0.0.3 | dev | three |" in text


@pytest.mark.usefixtures("runs")
def test_what_gto_wrote_is_listed_and_got(gitexp: Gitexp, git: Git, work_tree: Path) -> None:
    here = str(work_tree)
    gto.api.register(here, "digits", git("rev-parse", "experiments~1").strip())
    gto.api.assign(here, "digits", "prod", ref=git("rev-parse", "experiments").strip())

    listed = json.loads(gitexp("models", "--json").out)
    got = gitexp("models", "get", "digits@latest", "-o", "-")
    history = json.loads(gitexp("models", "history", "digits", "--json").out)

    assert [(one["version"], one["stages"], one["run"]) for one in listed] == [
        ("v0.0.2", ["prod"], "three")
    ]
    assert got.out == "model 0.3"
    assert [(one["event"], one["version"], one["stage"]) for one in history] == [
        ("assigned", "v0.0.2", "prod"),
        ("registered", "v0.0.2", None),
        ("registered", "v0.0.1", None),
    ]


@pytest.mark.usefixtures("runs")
def test_the_history_has_what_people_said(gitexp: Gitexp, git: Git, work_tree: Path) -> None:
    settings = (work_tree / "gitexp.yaml").read_text()
    write(work_tree, {"gitexp.yaml": f"{settings}promote: {{require: [verified]}}\n"})
    gitexp("promote", "one", "digits", "-m", "the first\nof many", "--override", "the demo")
    gitexp("deprecate", "digits", "--version", "0.0.1", "-m", "too slow")
    git("tag", "-a", "-m", "By hand", "-m", "and why", "digits#dev#9", "experiments")
    gitexp("deprecate", "digits")

    lines = gitexp("models", "history", "digits", "--format", "md").out.splitlines()

    assert {line.split(" | ")[-1] for line in lines[2:]} == {
        "By hand; and why |",
        "Deprecate digits |",
        "too slow |",
        "the first of many; override: the demo |",
    }


def test_a_commit_that_is_not_a_run_is_got_by_its_annotation(
    gitexp: Gitexp, work_tree: Path, tmp_path: Path
) -> None:
    write(work_tree, {"weights.bin": "by hand", "artifacts.yaml": "digits: {path: weights.bin}\n"})
    dvc("add", "--quiet", "weights.bin", cwd=work_tree)
    commit_all(work_tree, "by hand")
    gto.api.register(str(work_tree), "digits", "HEAD")
    (work_tree / "weights.bin").unlink()

    got = gitexp("models", "get", "digits", "-o", tmp_path / "got")

    assert got.code == ExitCode.OK, got.err
    assert (tmp_path / "got").read_text() == "by hand"


@pytest.mark.usefixtures("runs")
def test_the_annotation_of_dvc_yaml_says_which_model_is_meant(
    gitexp: Gitexp, work_tree: Path
) -> None:
    write(work_tree, {"dvc.yaml": "artifacts:\n  digits: {path: other.pt, type: model}\n"})
    assert gitexp("run", "-n", "both", "--", "python", "train.py", "other.pt").code == 0

    assert gitexp("promote", "both", "digits").out == "digits v0.0.1: other.pt of both\n"
    assert gitexp("promote", "both", "second", "--path", "model.joblib").code == ExitCode.OK
    assert gitexp("models", "get", "digits", "-o", "-").out == "other.pt"
    assert gitexp("models", "get", "second", "-o", "-").out == "model 0.3"


@pytest.mark.usefixtures("runs")
def test_a_tag_that_says_another_hash_than_its_run_is_not_believed(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    said = "a model\n\nGitexp-Model: model.joblib\nGitexp-Md5: 0123456789abcdef0123456789abcdef"
    git("tag", "-a", "-m", said, "digits@v1.0.0", "experiments")

    code, _, err = gitexp("models", "get", "digits", "-o", "got")

    assert code == ExitCode.ERROR
    assert err.startswith("error: 'model.joblib' of 'digits@v1.0.0' is not what its tag says: md5 ")
    assert not (work_tree / "got").exists()


@pytest.mark.usefixtures("runs")
def test_a_version_or_a_stage_names_its_run(gitexp: Gitexp, git: Git, work_tree: Path) -> None:
    gitexp("promote", "one", "digits", "--stage", "prod")
    gitexp("promote", "two", "digits")
    git("branch", "digits#two", "experiments")  # a rev wins

    for name, run in {
        "digits#prod": "one",
        "digits@0.0.1": "one",
        "digits@latest": "two",
        "digits@v0.0.2": "two",
        "digits#two": "three",
    }.items():
        assert json.loads(gitexp("show", name, "--json").out)["name"] == run
        assert api.get(name, path=work_tree).name == run
    compared = gitexp("diff", "digits#prod", "two").out
    again = gitexp("rerun", "digits#prod", "-n", "again")
    gone = gitexp("show", "digits#dev")

    assert compared.startswith("one → two\n")
    assert again.code == ExitCode.OK, again.err
    assert json.loads(gitexp("show", "again", "--json").out)["params"]["params.yaml"]["rate"] == 0.1
    assert gone == (
        ExitCode.ERROR,
        "",
        "error: no run 'digits#dev'\nhint: `gitexp ls` lists all runs.\n",
    )


@pytest.mark.usefixtures("runs")
def test_a_whole_tag_gets_what_it_was_put_on_unless_that_is_deprecated(gitexp: Gitexp) -> None:
    gitexp("promote", "one", "digits", "--stage", "prod")
    gitexp("promote", "two", "digits", "--stage", "prod")
    gitexp("demote", "digits", "--stage", "prod")

    replaced = gitexp("models", "get", "digits#prod#1", "-o", "-")
    demoted = gitexp("models", "get", "digits#prod#2", "-o", "-")
    cancels = gitexp("models", "get", "digits#prod!#3")
    gitexp("deprecate", "digits", "--version", "0.0.1")
    deprecated = gitexp("models", "get", "digits#prod#1")

    hint = "hint: `gitexp models history digits` lists what there is.\n"
    assert (replaced.out, demoted.out) == ("model 0.1", "model 0.2")
    assert cancels.err == (
        "error: the tag 'digits#prod!#3' takes something back, so it does not name a version\n"
        + hint
    )
    assert deprecated.err == (
        "error: 'digits' v0.0.1, which the tag 'digits#prod#1' is on, is deprecated\n" + hint
    )


@pytest.mark.usefixtures("runs")
def test_a_tag_from_beyond_all_calendars_is_of_the_last_second(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    run = git("rev-parse", "experiments").strip()
    (work_tree / "tag").write_text(
        f"object {run}\ntype commit\ntag digits@v1.0.0\n"
        "tagger A <a@example.com> 99999999999999 +0000\n\nlater\n"
    )
    oid = git("hash-object", "-t", "tag", "-w", "--literally", "tag").strip()
    git("update-ref", "refs/tags/digits@v1.0.0", oid)

    listed = json.loads(gitexp("models", "--json").out)

    assert [(one["version"], one["time"]) for one in listed] == [
        ("v1.0.0", "9999-12-31T23:59:59.000Z")
    ]
    assert gitexp("models").code == gitexp("models", "history", "digits").code == 0


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("digit", "error: no model 'digit'\nhint: Did you mean 'digits'?\n"),
        ("digits@9.9.9", "error: 'digits' has no version v9.9.9\n"),
        ("digits#live", "error: no version of 'digits' holds 'live'\nhint: The stages that are"),
        ("digits@", "error: 'digits@' does not name a model\n"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(gitexp: Gitexp, name: str, said: str) -> None:
    gitexp("promote", "one", "digits", "--stage", "prod")

    code, out, err = gitexp("models", "get", name)

    assert (code, out) == (ExitCode.ERROR, "")
    assert err.startswith(said)
