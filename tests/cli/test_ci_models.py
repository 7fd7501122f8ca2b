"""What CI does with a model that somebody promotes: the steps of the templates, really run."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitexp.errors import ExitCode

from tests.cli.workshop import MODELLING, Clone
from tests.host_server import HostServer
from tests.workshop import Git, Gitexp, commit_all, dvc, write


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project whose runs write a model."""
    return MODELLING


@pytest.fixture
def pushed(gitexp: Gitexp, store: Path, work_tree: Path) -> Path:
    """A project with CI for models, a run of which was promoted and pushed."""
    assert store.parent == work_tree.parent
    assert gitexp("init", "--ci", "github", "--models").code == ExitCode.OK
    assert gitexp("init", "--ci", "gitlab", "--models").code == ExitCode.OK
    commit_all(work_tree, "CI")
    assert gitexp("run", "-n", "one").code == 0
    assert gitexp("promote", "one", "digits", "--stage", "prod", "--push").code == ExitCode.OK
    return work_tree


def sh(script: str, place: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a step as a runner does."""
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=place,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("tag", ["digits@v0.0.1", "digits#prod#1"])
def test_github_gets_the_model_and_says_so_on_the_commit(
    pushed: Path, clone: Clone, git: Git, host_server: HostServer, tag: str
) -> None:
    workflow: Any = yaml.safe_load((pushed / ".github/workflows/gitexp-models.yml").read_text())
    place = clone("runner", "--depth=1", f"--branch={tag}", "--no-tags")
    steps = [one for one in workflow["jobs"]["model"]["steps"] if "run" in one]
    env = {
        "TAG": tag,
        "OUTCOME": "success",
        "RUN_URL": f"{host_server.url}/run",
        "GITHUB_API_URL": host_server.url,
        "GITHUB_REPOSITORY": "ada/digits",
        "GITHUB_TOKEN": "t",
    }

    for step in steps:
        if step["name"] != "Install gitexp":
            ended = sh(step["run"], place, **env)
            assert ended.returncode == 0, (step["name"], ended.stderr)

    assert (place / "model" / "model.joblib").read_bytes() == b"model 0.1"
    oid = git("rev-parse", f"{tag}^{{commit}}").strip()
    assert host_server.statuses == [
        {
            "sha": oid,
            "state": "success",
            "context": tag,
            "description": "the model can be had",
            "target_url": f"{host_server.url}/run",
        }
    ]


def test_a_model_is_evaluated_if_the_settings_say_how(
    gitexp: Gitexp, git: Git, store: Path, work_tree: Path, clone: Clone
) -> None:
    assert store.parent == work_tree.parent
    settings = (work_tree / "gitexp.yaml").read_text()
    evaluate = "held_out: [test.csv]\nevaluate: wc -c model.joblib test.csv && cp test.csv m.json\n"
    files = {"gitexp.yaml": f"{settings}metrics: [metrics.json, m.json]\n{evaluate}"}
    write(work_tree, {**files, "test.csv": '{"accuracy": 0.8}'})
    assert gitexp("track", "test.csv").code == ExitCode.OK
    assert gitexp("init", "--ci", "github", "--models").code == ExitCode.OK
    commit_all(work_tree, "held out")
    dvc("push", "--quiet", cwd=work_tree)
    assert gitexp("run", "-n", "one").code == 0
    assert gitexp("promote", "one", "digits", "--push").code == ExitCode.OK
    place = clone("runner", "--depth=1", "--branch=digits@v0.0.1", "--no-tags")

    workflow: Any = yaml.safe_load((place / ".github/workflows/gitexp-models.yml").read_text())
    said = ""
    for step in workflow["jobs"]["model"]["steps"]:
        if step.get("name", "") in ("Get the tags", "Get the model", "Evaluate the model"):
            ended = sh(step["run"], place, TAG="digits@v0.0.1")
            assert ended.returncode == 0, (step["name"], ended.stdout, ended.stderr)
            said = ended.stdout

    assert said.endswith("one: held_out.accuracy 0.8\n")
    assert git("tag", cwd=place) == "digits@v0.0.1\n"


def test_gitlab_gets_the_model(pushed: Path, clone: Clone) -> None:
    job: Any = yaml.safe_load((pushed / ".gitlab/gitexp-models.yml").read_text())["gitexp-models"]
    place = clone("runner", "--depth=1", "--branch=digits@v0.0.1", "--no-tags")
    main = yaml.safe_load((pushed / ".gitlab-ci.yml").read_text())

    script = "\n".join(line for line in job["script"] if "pip install" not in line)
    ended = sh(script, place, CI_COMMIT_TAG="digits#prod#1")

    assert ended.returncode == 0, ended.stderr
    assert (place / "model" / "model.joblib").read_bytes() == b"model 0.1"
    assert main == {
        "include": [{"local": "/.gitlab/gitexp.yml"}, {"local": "/.gitlab/gitexp-models.yml"}]
    }


def test_each_project_looks_at_its_own_models(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "vision").mkdir()
    for folder in (".", "vision"):
        for host in ("github", "gitlab"):
            assert gitexp("-C", folder, "init", "--ci", host, "--models").code == ExitCode.OK

    conditions = {}
    for name in ("gitexp-models", "gitexp-models-vision"):
        workflow: Any = yaml.safe_load((work_tree / f".github/workflows/{name}.yml").read_text())
        conditions[name] = workflow["jobs"]["model"]["if"]
        job: Any = yaml.safe_load((work_tree / f".gitlab/{name}.yml").read_text())[name]
        [pattern] = re.findall(r"=~ /(.*)/$", job["rules"][0]["if"])
        conditions[f"{name} of GitLab"] = [
            tag
            for tag in ("digits@v1.0.0", "vision=digits#prod#2", "digits#prod!#3", "v1.0.0")
            if re.search(pattern, tag)
        ]

    assert conditions == {
        "gitexp-models": "!contains(github.ref_name, '!') && !contains(github.ref_name, '=')",
        "gitexp-models of GitLab": ["digits@v1.0.0"],
        "gitexp-models-vision": (
            "!contains(github.ref_name, '!') && startsWith(github.ref_name, 'vision=')"
        ),
        "gitexp-models-vision of GitLab": ["vision=digits#prod#2"],
    }


def test_models_need_a_ci_to_be_got_by(work_tree: Path, gitexp: Gitexp) -> None:
    assert work_tree.exists()
    assert gitexp("init", "--models").err.startswith("error: --models needs --ci\n")


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("digits#prod!#2", "error: the tag 'digits#prod!#2' takes something back, so it does not"),
        ("digits#prod#9", "error: no annotated tag 'digits#prod#9'\nhint: `git fetch --force"),
    ],
)
def test_a_tag_that_gives_no_model_is_an_error(
    pushed: Path, gitexp: Gitexp, tag: str, said: str
) -> None:
    gitexp("demote", "digits", "--stage", "prod")

    assert gitexp("models", "get", tag, "-o", "got").err.startswith(said)
    assert not (pushed / "got").exists()
