"""`gitexp promote`, `demote` and `deprecate`: what becomes a version, and what is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import gto.api
import pytest

from gitexp.errors import ExitCode
from gitexp.project import Project
from gitexp.store.facts import append

from tests.cli.workshop import MODELLING, Clone
from tests.workshop import PROJECT, Git, Gitexp, commit_all, shell, write
from tests.workshop import git as run_git

NO_TAGS = ""
DATA_MD5 = hashlib.md5(b"1,2\n", usedforsecurity=False).hexdigest()
ALREADY = (
    "error: run 'one' is already 'digits' v0.0.1\nhint: `--stage STAGE` alone gives it a stage.\n"
)
OVERRIDE = 'hint: `--override "REASON"` goes past that, and is recorded in the tags.\n'


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project whose runs write a model."""
    return MODELLING


def demand(top: Path, rules: str) -> None:
    """Have the settings demand something of promotions, and commit them."""
    write(top, {"gitexp.yaml": f"{PROJECT['gitexp.yaml']}promote: {rules}\n"})
    run_git("commit", "--quiet", "-m", "demands", "--", "gitexp.yaml", cwd=top)


def say(run: str, op: str, value: object) -> None:
    """Write a late fact of another command."""
    with Project.open(Path()) as project:
        [stored] = project.runs.index.named(run, "")
        append(project.repository, [(stored, op, value)])  # type: ignore[list-item]


@pytest.mark.usefixtures("two_runs")
def test_versions_are_counted_as_gto_counts_them(gitexp: Gitexp, git: Git) -> None:
    first = gitexp("promote", "one", "digits")
    second = gitexp("promote", "two", "digits", "--minor", "--stage", "prod", "-m", "better")

    assert first == (ExitCode.OK, "digits v0.0.1: model.joblib of one\n", "")
    assert second.out == "digits v0.1.0: model.joblib of two\ndigits v0.1.0 holds prod\n"
    assert git("tag").split() == ["digits#prod#1", "digits@v0.0.1", "digits@v0.1.0"]
    shown = gto.api.show(str(Path.cwd()))
    assert shown["digits"]["version"] == "v0.1.0"
    assert shown["digits"]["stage"] == {"prod": "v0.1.0"}
    assert git("rev-parse", "digits@v0.1.0^{commit}") == git("rev-parse", "experiments")


@pytest.mark.usefixtures("two_runs")
def test_a_first_version_is_as_large_as_somebody_says(gitexp: Gitexp) -> None:
    for model, bump in (("a", "--patch"), ("b", "--minor"), ("c", "--major")):
        assert gitexp("promote", "one", model, bump).code == ExitCode.OK

    shown = gto.api.show(str(Path.cwd()))
    versions = {name: model["version"] for name, model in shown.items()}
    assert versions == {"a": "v0.0.1", "b": "v0.1.0", "c": "v1.0.0"}


@pytest.mark.usefixtures("two_runs")
def test_a_tag_says_which_file_of_which_run_it_is(gitexp: Gitexp, git: Git) -> None:
    gitexp("promote", "one", "digits", "-m", "the first\nGitexp-Run: of somebody else")

    body = git("for-each-ref", "--format=%(contents)", "refs/tags/digits@v0.0.1")

    with Project.open(Path()) as project:
        [run] = project.runs.index.named("one", "")
    assert body.startswith(
        "Register digits v0.0.1: one\n\nthe first\n Gitexp-Run: of somebody else\n\n"
        f"Gitexp-Run: {run.id}\nGitexp-Name: one\nGitexp-Model: model.joblib\nGitexp-Md5: "
    )


@pytest.mark.usefixtures("two_runs")
def test_a_run_that_is_a_version_gets_only_a_stage(gitexp: Gitexp, git: Git) -> None:
    gitexp("promote", "one", "digits")

    again = gitexp("promote", "one", "digits")
    staged = gitexp("promote", "one", "digits", "--stage", "prod")
    twice = gitexp("promote", "one", "digits", "--stage", "prod")

    assert again == (
        ExitCode.ERROR,
        "",
        ALREADY,
    )
    assert staged == (ExitCode.OK, "digits v0.0.1 holds prod\n", "")
    assert twice.err == "error: 'digits' v0.0.1 already holds the stage 'prod'\n"
    assert git("tag").split() == ["digits#prod#1", "digits@v0.0.1"]


@pytest.mark.usefixtures("two_runs")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("two", "digits", "--version", "0.0.1"), "error: 'digits' v0.0.1 already exists\n"),
        (
            ("two", "digits", "--version", "0.0.1-rc.1"),
            "error: 'digits' v0.0.1-rc.1 is not higher than the latest version, v0.0.1\n",
        ),
        (("two", "digits", "--version", "1.2"), "error: '1.2' is not a version\n"),
        (("two", "digits!"), "error: GTO does not accept 'digits!' as the name of a model\n"),
        (("two", "digits", "--stage", "a b"), "error: GTO does not accept 'a b' as the name of"),
        (("two", "a//b"), "error: git does not accept 'a//b@v0.0.1' as the name of a tag\n"),
        (("two", "digits", "--path", "gone.pt"), "error: run 'two' has no file 'gone.pt'\n"),
        (("broken", "digits"), "error: run 'broken' failed, so its model may not be a whole one\n"),
        (("empty", "digits"), "error: run 'empty' has no model: it wrote nothing that lies"),
        (("both", "digits"), "error: run 'both' wrote 2 models: 'model.joblib', 'other.pt'\n"),
    ],
)
def test_what_cannot_be_promoted_is_refused_before_anything_is_written(
    gitexp: Gitexp, git: Git, typed: tuple[str, ...], said: str
) -> None:
    gitexp("promote", "one", "digits")
    gitexp("run", "-n", "broken", "--", "false")
    gitexp("run", "-n", "empty", "--", "true")
    gitexp("run", "-n", "both", "-S", "rate=0.3", "--", "python", "train.py", "other.pt")

    code, out, err = gitexp("promote", *typed)

    assert (code, out) == (ExitCode.ERROR, "")
    assert err.startswith(said)
    assert git("tag").split() == ["digits@v0.0.1"]


@pytest.mark.usefixtures("two_runs")
def test_gto_says_which_stages_there_may_be(gitexp: Gitexp, work_tree: Path) -> None:
    write(work_tree, {".gto": "stages: [dev, prod]\n"})

    assert gitexp("promote", "one", "digits", "--stage", "live").err == (
        "error: '.gto' does not list the stage 'live'\nhint: It lists 'dev', 'prod'.\n"
    )
    assert gitexp("promote", "one", "digits", "--stage", "dev").code == ExitCode.OK


@pytest.mark.usefixtures("two_runs")
def test_a_model_that_nobody_could_get_is_not_promoted(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    shutil.rmtree(work_tree / ".dvc" / "cache" / "files")

    code, _, err = gitexp("promote", "one", "digits", "--override", "it will do")

    assert code == ExitCode.ERROR
    assert err.startswith(
        "error: the model 'model.joblib' of run 'one' is neither in the DVC cache nor on a DVC"
        " remote (no DVC remote is set up)\n"
    )
    assert git("tag") == NO_TAGS


def test_lost_data_is_said_and_an_override_goes_past_it(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    write(work_tree, {"data.csv": "1,2\n"})
    assert gitexp("track", "data.csv").code == ExitCode.OK
    assert gitexp("run", "-n", "one").code == 0
    [lost] = (work_tree / ".dvc" / "cache").rglob(DATA_MD5[2:])
    lost.unlink()

    refused = gitexp("promote", "one", "digits")
    overridden = gitexp("promote", "one", "digits", "--override", "it was public")

    said = "its data 'data.csv' is neither in the DVC cache nor on a DVC remote\n"
    assert refused == (ExitCode.NO, "", f"refused: {said}{OVERRIDE}")
    assert (overridden.code, overridden.err) == (ExitCode.OK, f"overridden: {said}")
    assert git("tag") == "digits@v0.0.1\n"


@pytest.mark.usefixtures("two_runs")
def test_a_run_of_a_newer_gitexp_is_not_promoted(gitexp: Gitexp, git: Git, work_tree: Path) -> None:
    newer = shell(
        "export GIT_INDEX_FILE=.git/newer\n"
        "git read-tree experiments\n"
        'git show experiments:.gitexp/run.json | sed \'s/"version": 1/"version": 9/\' >.git/json\n'
        "blob=$(git hash-object -w .git/json)\n"
        "git update-index --cacheinfo 100644,$blob,.gitexp/run.json\n"
        "git log -1 --format=%B experiments >.git/message\n"
        "git commit-tree $(git write-tree) -F .git/message\n",
        work_tree,
    )

    code, out, err = gitexp("promote", newer.strip(), "digits")

    assert (code, out) == (ExitCode.ERROR, "")
    assert err.startswith("error: run 'two' cannot be read: needs gitexp ≥ ")
    assert git("tag") == NO_TAGS


@pytest.mark.usefixtures("two_runs")
def test_the_policy_compares_with_the_version_that_holds_the_stage(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    demand(work_tree, "{stages: {prod: {accuracy: {min: 0.9, max_drop: 0.01}}}}")
    gitexp("promote", "two", "digits", "--stage", "prod")

    refused = gitexp("promote", "one", "digits", "--stage", "prod")
    elsewhere = gitexp("promote", "one", "digits", "--stage", "dev")

    assert refused == (
        ExitCode.NO,
        "",
        f"refused: accuracy fell by 0.05, more than the 0.01 allowed\n{OVERRIDE}",
    )
    assert elsewhere.code == ExitCode.OK
    assert "digits#prod#1" in git("tag")
    assert "digits#prod#3" not in git("tag")


@pytest.mark.usefixtures("two_runs")
def test_demands_that_are_not_committed_are_named_where_they_let_pass(
    gitexp: Gitexp, work_tree: Path
) -> None:
    demand(work_tree, "{require: [verified]}")
    (work_tree / "gitexp.yaml").write_text(PROJECT["gitexp.yaml"])

    assert gitexp("promote", "one", "digits") == (
        ExitCode.OK,
        "digits v0.0.1: model.joblib of one\n",
        "note: what is demanded is as 'gitexp.yaml' says in the work tree, not as in HEAD\n",
    )


@pytest.mark.usefixtures("two_runs")
def test_an_override_is_recorded_with_what_it_overrides(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    demand(work_tree, "{require: [verified], accuracy: {min: 0.99}}")

    done = gitexp("promote", "one", "digits", "--override", "the demo\nis today")

    assert done.code == ExitCode.OK
    assert done.err == (
        "overridden: it is not verified: `gitexp verify one`\n"
        "overridden: accuracy is 0.95, less than the 0.99 demanded\n"
    )
    body = git("for-each-ref", "--format=%(contents)", "refs/tags/digits@v0.0.1")
    assert body.endswith(
        "Gitexp-Refused: it is not verified: `gitexp verify one`; accuracy is 0.95, less than the"
        " 0.99 demanded\nGitexp-Override: the demo is today\n\n"
    )


@pytest.mark.usefixtures("two_runs")
def test_verified_and_evaluated_are_read_from_late_facts(gitexp: Gitexp, work_tree: Path) -> None:
    demand(work_tree, "{require: [verified, evaluated], held_out.accuracy: {min: 0.9}}")
    bare = gitexp("promote", "one", "digits")
    say("one", "verify", {"result": "differs"})
    say("one", "evaluate", {"metrics": {"accuracy": 0.8}, "held_out": {"test.csv": "0a"}})
    wrong = gitexp("promote", "one", "digits")
    say("one", "verify", {"result": "reproduced"})
    say("one", "evaluate", {"metrics": {"accuracy": 0.93}, "held_out": {"test.csv": "0a"}})

    right = gitexp("promote", "one", "digits")

    assert bare.err.startswith(
        "refused: it is not verified: `gitexp verify one`\n"
        "refused: it is not evaluated on held-out data: `gitexp evaluate one`\n"
        "refused: held_out.accuracy is missing\n"
    )
    assert wrong.err.startswith(
        "refused: it is not verified: the last verification says 'differs'\n"
        "refused: held_out.accuracy is 0.8, less than the 0.9 demanded\n"
    )
    assert right == (ExitCode.OK, "digits v0.0.1: model.joblib of one\n", "")
    [listed] = json.loads(gitexp("models", "--json").out)
    assert listed["metrics"]["held_out.accuracy"] == 0.93


@pytest.mark.usefixtures("two_runs")
def test_what_gitexp_verify_found_decides(gitexp: Gitexp, work_tree: Path) -> None:
    demand(work_tree, "{require: [verified]}")
    before = gitexp("promote", "two", "digits")
    verified = gitexp("verify", "two")

    after = gitexp("promote", "two", "digits")

    assert before.code == ExitCode.NO
    assert verified.code == ExitCode.OK
    assert after == (ExitCode.OK, "digits v0.0.1: model.joblib of two\n", "")
    assert "| result | reproduced |\n" in gitexp("card", "digits").out


@pytest.mark.usefixtures("two_runs", "hub")
def test_reviewed_is_what_the_default_branch_has(gitexp: Gitexp, git: Git, work_tree: Path) -> None:
    git("reset", "--quiet", "--hard")
    demand(work_tree, "{require: [reviewed]}")
    git("clean", "--quiet", "-fd")
    git("push", "--quiet", "origin", "main")
    before = gitexp("promote", "one", "digits")
    gitexp("branch", "one", "better")
    git("merge", "--quiet", "--squash", "better")
    git("commit", "--quiet", "-m", "better, and no trailer")  # as a host's button may do it
    unpushed = gitexp("promote", "one", "digits")
    git("push", "--quiet", "origin", "main")

    after = gitexp("promote", "one", "digits")

    refused = (
        "refused: it is not reviewed: 'origin/main' does not have it; `gitexp branch one NAME`"
        " makes a branch for a pull request\n"
    )
    assert before.err.startswith(refused)
    assert unpushed.err.startswith(refused)
    assert after.code == ExitCode.OK
    assert gitexp("promote", "two", "digits").code == ExitCode.NO


@pytest.mark.usefixtures("two_runs", "store")
def test_push_sends_the_data_then_the_runs_then_the_tags(
    gitexp: Gitexp, git: Git, clone: Clone, tmp_path: Path
) -> None:
    told = gitexp("promote", "one", "digits")
    gitexp("promote", "two", "digits", "--stage", "prod", "--push")
    other = clone("other")

    got = gitexp("models", "get", "digits#prod", "-o", tmp_path / "got", cwd=other)

    assert told.err == "hint: Send it with `gitexp push && git push origin digits@v0.0.1`.\n"
    assert git("tag", cwd=other).split() == ["digits#prod#1", "digits@v0.0.2"]
    assert got == (ExitCode.OK, f"{tmp_path / 'got'}\n", "digits@v0.0.2 of run two\n")
    assert (tmp_path / "got").read_bytes() == b"model 0.2"


@pytest.mark.usefixtures("two_runs", "store")
def test_a_push_of_runs_names_the_tags_that_the_remote_lacks(gitexp: Gitexp, git: Git) -> None:
    gitexp("promote", "one", "digits", "--stage", "prod")
    first = gitexp("push")
    git("push", "--quiet", "origin", "digits@v0.0.1")

    second = gitexp("push")
    gitexp("promote", "one", "digits", "--stage", "prod", "--push")
    third = gitexp("push")
    gitexp("promote", "two", "digits")
    git("tag", "--delete", "digits@v0.0.2")
    fourth = gitexp("push")

    assert first.err == (
        "note: 'origin' lacks 2 tags of models;"
        " `git push origin digits@v0.0.1 'digits#prod#1'` sends them\n"
    )
    lacks = "note: 'origin' lacks a tag of a model; `git push origin 'digits#prod#1'` sends it\n"
    assert (second.code, second.err) == (ExitCode.OK, lacks)
    assert third == fourth == (ExitCode.OK, "origin/experiments already has every run\n", "")
    assert not Path(".git/gitexp/tags-left").exists()


@pytest.mark.usefixtures("two_runs", "hub")
def test_tags_stay_here_if_the_data_does(gitexp: Gitexp, git: Git, hub: Path) -> None:
    code, _, err = gitexp("promote", "one", "digits", "--push")

    assert code == ExitCode.ERROR
    assert "error: the data of run 'one' stayed here, so its tags were not sent\n" in err
    assert git("tag", cwd=hub) == NO_TAGS


@pytest.mark.usefixtures("two_runs")
@pytest.mark.parametrize(
    ("remotes", "options", "said"),
    [
        ((), ("--push",), "error: this repository has no remote\n"),
        (("a", "b"), ("--push",), "error: there are 2 remotes: 'a', 'b'\n"),
        (("a",), ("--remote", "c"), "error: no remote 'c'\n"),
    ],
)
def test_nothing_is_written_if_there_is_nowhere_to_send_it(
    gitexp: Gitexp, git: Git, remotes: tuple[str, ...], options: tuple[str, ...], said: str
) -> None:
    for name in remotes:
        git("remote", "add", name, f"https://example.com/{name}.git")
    gitexp("promote", "one", "digits", "--stage", "prod")
    before = git("tag")

    for typed in (
        ("promote", "two", "digits", "--stage", "prod"),
        ("demote", "digits", "--stage", "prod"),
        ("deprecate", "digits"),
    ):
        code, out, err = gitexp(*typed, *options)
        assert (code, out) == (ExitCode.ERROR, "")
        assert err.startswith(said)
    assert git("tag") == before


@pytest.mark.usefixtures("two_runs", "store")
def test_the_same_promotion_again_sends_what_could_not_be_sent(
    gitexp: Gitexp, git: Git, hub: Path
) -> None:
    promotion = ("promote", "two", "digits", "--minor", "--stage", "prod", "--push")
    gitexp("promote", "one", "digits")
    hub.rename(hub.with_name("away"))
    failed = gitexp(*promotion)
    hub.with_name("away").rename(hub)

    again = gitexp(*promotion)

    assert failed.code == ExitCode.ERROR
    assert failed.err.endswith(
        "The tags are written; once this is mended,"
        " `gitexp promote two digits --stage prod --push` sends them.\n"
    )
    assert (again.code, again.out) == (ExitCode.OK, "")
    assert again.err.endswith("sent to origin: digits@v0.1.0, digits#prod#1\n")
    assert git("tag", cwd=hub).split() == ["digits#prod#1", "digits@v0.1.0"]
    assert gitexp("promote", "two", "digits", "--stage", "prod", "--push").code == ExitCode.OK
    assert gitexp("promote", "two", "digits", "--major", "--push").err.startswith(
        "error: run 'two' is already 'digits' v0.1.0\n"
    )


@pytest.mark.usefixtures("two_runs")
def test_tags_are_signed_where_git_signs(
    gitexp: Gitexp, git: Git, tmp_path: Path, work_tree: Path
) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (tmp_path / "signers").write_text(f"ada@example.com {(tmp_path / 'key.pub').read_text()}")
    for name, value in {
        "gpg.format": "ssh",
        "user.signingKey": str(key),
        "tag.gpgSign": "true",
        "gpg.ssh.allowedSignersFile": str(tmp_path / "signers"),
    }.items():
        git("config", name, value)

    settings = (work_tree / "gitexp.yaml").read_text()
    (work_tree / "gitexp.yaml").write_text(f"{settings}promote: {{require: [signed]}}\n")
    oid = git("rev-parse", "--short=10", "experiments~1").strip()

    unsigned = gitexp("promote", "one", "digits", "--stage", "prod")
    git("tag", "-s", "-m", "signed later", "signed", oid)
    (work_tree / "gitexp.yaml").write_text(settings)

    assert unsigned.err.startswith(f"refused: it is not signed: `git tag -s NAME {oid}` signs it\n")
    assert gitexp("promote", "one", "digits", "--stage", "prod").code == ExitCode.OK
    git("tag", "-d", "signed")
    git("verify-tag", "digits@v0.0.1", "digits#prod#1")
    [event, _] = json.loads(gitexp("models", "history", "digits", "--json").out)
    assert "SIGNATURE" not in event["message"]
    assert gitexp("models", "get", "digits#prod", "-o", "-").out == "model 0.1"
    git("config", "user.signingKey", str(tmp_path / "gone"))
    refused = gitexp("promote", "two", "digits", "--stage", "prod")
    assert (refused.code, git("tag").split()) == (
        ExitCode.ERROR,
        ["digits#prod#1", "digits@v0.0.1"],
    )
    assert work_tree.exists()


def test_a_repository_of_sha256_works_though_gto_cannot_read_it(
    gitexp: Gitexp,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    project_files: Mapping[str, str],
) -> None:
    top = tmp_path / "sha256"
    shell(f"git init --quiet --object-format=sha256 {top}", tmp_path)
    write(top, project_files)
    commit_all(top)
    monkeypatch.chdir(top)
    assert gitexp("run", "-n", "one").code == 0

    promoted = gitexp("promote", "one", "digits", "--stage", "prod")

    assert promoted.code == ExitCode.OK
    assert "note: GTO cannot read a repository of SHA-256; " in promoted.err
    assert gitexp("models", "get", "digits#prod", "-o", "-").out == "model 0.1"
    with pytest.raises(Exception):  # noqa: B017, PT011 - which one is its affair
        gto.api.show(str(top))


def test_a_model_of_a_project_in_a_folder_has_its_folder_in_its_name(
    gitexp: Gitexp, git: Git, tmp_path: Path, work_tree: Path, project_files: Mapping[str, str]
) -> None:
    inner = {f"vision/{name}": text for name, text in project_files.items()}
    write(work_tree, inner)
    commit_all(work_tree, "a project in a folder")
    assert gitexp("run", "-n", "inner", cwd=work_tree / "vision").code == 0

    done = gitexp("promote", "inner", "digits", cwd=work_tree / "vision")

    assert done.out == "vision:digits v0.0.1: model.joblib of inner\n"
    assert git("tag") == "vision=digits@v0.0.1\n"
    for name, place in (("digits", work_tree / "vision"), ("vision:digits", work_tree)):
        target = tmp_path / f"got-{place.name}"
        assert gitexp("models", "get", name, "-o", target, cwd=place).code == ExitCode.OK
        assert target.read_bytes() == b"model 0.1"
    assert list(gto.api.show(str(work_tree))) == ["vision:digits"]
    assert gitexp("models", "get", "digits").err == (
        "error: no model 'digits'\nhint: Did you mean 'vision:digits'?\n"
    )


EVALUATE = """\
import json, pathlib

model = pathlib.Path("model.joblib").read_text()
found = {"accuracy": 0.9 + float(model.split()[1]) / 10, "rows": len(open("test.csv").readlines())}
pathlib.Path("metrics.json").write_text(json.dumps(found))
"""


def test_what_gitexp_evaluate_found_decides(gitexp: Gitexp, work_tree: Path) -> None:
    settings = (
        f"{PROJECT['gitexp.yaml']}held_out: [test.csv]\nevaluate: python evaluate.py\n"
        "promote:\n  require: [evaluated]\n  held_out.accuracy: {min: 0.91, max_drop: 0}\n"
    )
    write(work_tree, {"evaluate.py": EVALUATE, "test.csv": "1\n2\n", "gitexp.yaml": settings})
    assert gitexp("track", "test.csv").code == ExitCode.OK
    commit_all(work_tree, "held out")
    for name, rate in (("one", "0.1"), ("two", "0.2")):
        assert gitexp("run", "-n", name, "-S", f"rate={rate}").code == 0
    assert (
        gitexp("run", "-n", "seen", "--allow-held-out", "python train.py && cat test.csv").code == 0
    )

    before = gitexp("promote", "two", "digits")
    for name in ("one", "two", "seen"):
        assert gitexp("evaluate", "--allow-held-out", name).code == ExitCode.OK
    after = gitexp("promote", "two", "digits")
    worse = gitexp("promote", "one", "digits")
    seen = gitexp("promote", "seen", "digits")
    (work_tree / "test.csv").write_text("1\n2\n3\n")
    assert gitexp("track", "test.csv").code == ExitCode.OK
    assert gitexp("evaluate", "one").code == ExitCode.OK
    elsewhere = gitexp("promote", "one", "digits")

    assert (
        "refused: it is evaluated on other held-out data than run 'two', whose place it takes: "
        "`gitexp evaluate two`\n"
    ) in elsewhere.err
    assert "other held-out data" not in worse.err + seen.err
    assert before.err.startswith(
        "refused: it is not evaluated on held-out data: `gitexp evaluate two`\n"
        "refused: held_out.accuracy is missing\n"
    )
    assert after == (ExitCode.OK, "digits v0.0.1: model.joblib of two\n", "")
    assert worse.err.startswith(
        "refused: held_out.accuracy fell by 0.01, more than the 0 allowed\n"
    )
    assert seen.err.startswith("refused: its command could read 'test.csv', which is held out\n")
    assert json.loads(gitexp("models", "--json").out)[0]["metrics"]["held_out.rows"] == 2
