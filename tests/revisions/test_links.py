from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gitexp.git.links import follow, follow_on_disk

from tests.workshop import Git, GitEnded, Gitexp, commit_all, write

SECRET = "token: hunter2\n"
WORD = "hunter2"


@pytest.fixture
def project_files() -> Mapping[str, str]:
    return {"train.py": "print(1)\n", "gitexp.yaml": "policy: {loss: {goal: min}}\n"}


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """A file of the user's, outside of the repository."""
    place = tmp_path / "home" / ".config" / "hosts.yaml"
    place.parent.mkdir(parents=True)
    place.write_text(SECRET)
    return place


@pytest.fixture
def stranger(work_tree: Path, private: Path, git: Git) -> Path:
    """The repository, at a commit of a stranger's whose params and metrics lead to that file."""
    git("switch", "--quiet", "--create", "stranger")
    (work_tree / "params.yaml").symlink_to(private)
    (work_tree / "metrics.json").symlink_to(private)
    commit_all(work_tree)
    return work_tree


@pytest.mark.parametrize(
    "args",
    [
        ("check",),
        ("check", "HEAD"),
        ("check", "stranger", "--json"),
        ("check", "workspace"),
        ("diff",),
        ("diff", "main", "stranger", "--json"),
        ("diff", "main"),
        ("diff", "main", "HEAD", "workspace"),
        ("review", "main", "HEAD"),
        ("review", "main", "--json"),
        ("run", "-n", "one", "--", "true"),
        ("run", "--temp", "--json", "--", "true"),
        ("save", "--json"),
    ],
)
@pytest.mark.usefixtures("stranger")
def test_a_strangers_link_is_not_followed(args: tuple[str, ...], git: Git, gitexp: Gitexp) -> None:
    ended = gitexp(*args)

    assert ended.code in (0, 1), ended.err
    assert WORD not in ended.out + ended.err
    assert "params.yaml" in ended.out + ended.err
    if args[0] in ("run", "save"):
        assert WORD not in git("show", "experiments:.gitexp/run.json")
        assert "outside of the repository" in ended.err


def test_a_strangers_link_is_not_followed_before_a_commit(
    stranger: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    assert gitexp("hooks", "install").code == 0
    git("rm", "-q", "--cached", "params.yaml")
    git("commit", "-q", "-m", "without")
    git("add", "params.yaml")

    ended = git_ended("commit", "-m", "with", cwd=stranger)

    assert ended.returncode == 0
    assert WORD not in ended.stdout + ended.stderr + git("log", "-1", "--format=%B")


def test_a_link_that_an_applied_run_brought_is_not_followed(
    stranger: Path, git: Git, gitexp: Gitexp
) -> None:
    assert gitexp("run", "-n", "theirs", "--", "true").code == 0
    git("switch", "--quiet", "main")
    write(stranger, {".git/info/exclude": "*.yaml\n*.json\n"})
    assert gitexp("apply", "theirs").code == 0
    assert (stranger / "params.yaml").is_symlink()

    ended = gitexp("save")

    assert ended.code == 0, ended.err
    assert WORD not in git("show", "experiments:.gitexp/run.json")


@pytest.mark.parametrize("target", [".git/x.yaml", ".dvc/tmp/x.yaml", "secrets.yaml", ".env.yaml"])
def test_values_are_not_read_from_what_is_private_inside_of_the_repository(
    target: str, work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    write(work_tree, {target: SECRET, ".git/info/exclude": "*.yaml\n.dvc\n"})
    (work_tree / "params.yaml").symlink_to(target)
    git("add", "--force", "params.yaml")
    git("commit", "--quiet", "-m", "link")

    for args in (("run", "--", "true"), ("diff",), ("check", "workspace"), ("save",)):
        ended = gitexp(*args)
        assert ended.code in (0, 1), ended.err
        assert WORD not in ended.out + ended.err
    assert WORD not in git("show", "experiments:.gitexp/run.json")


def test_a_commit_is_read_through_its_own_links(work_tree: Path, git: Git, gitexp: Gitexp) -> None:
    write(work_tree, {"conf/a.yaml": "rate: 1\n", "results/m.json": '{"loss": 1}\n'})
    (work_tree / "params.yaml").symlink_to("conf/a.yaml")
    (work_tree / "metrics.json").symlink_to("results/m.json")
    commit_all(work_tree)
    write(work_tree, {"conf/a.yaml": "rate: 2\n", "results/m.json": '{"loss": 2}\n'})
    git("commit", "--quiet", "--all", "-m", "more")

    diff, check = gitexp("diff", "HEAD~1", "HEAD"), gitexp("check", "HEAD")

    assert diff.out == (
        "HEAD~1 → HEAD\n\n"
        "Metrics (metrics.json)\n  loss   1 → 2   +1   +100.0 %   worse\n"
        "Params (params.yaml)\n  rate   1 → 2\n"
    )
    assert "1 params file and 1 metrics file can be read" in check.out


def test_stale_metrics_name_the_param_that_changed_behind_a_link(
    work_tree: Path, gitexp: Gitexp
) -> None:
    write(work_tree, {"conf/a.yaml": "rate: 1\n"})
    (work_tree / "params.yaml").symlink_to("conf/a.yaml")
    commit_all(work_tree)
    assert gitexp("run", "--", "sh", "-c", "echo '{\"loss\": 1}' > metrics.json").code == 0
    write(work_tree, {"conf/a.yaml": "rate: 2\n"})

    ended = gitexp("check", "workspace")

    assert ended.code == 1
    assert "param rate changed after" in ended.out


def test_the_way_of_a_link_is_followed_as_the_system_does(work_tree: Path) -> None:
    write(work_tree, {"a/b/file": ""})
    (work_tree / "a/up").symlink_to("../a/b")
    (work_tree / "to").symlink_to("a/up/../b/file")
    (work_tree / "around").symlink_to(f"../{work_tree.name}/a")

    for path in ("to", "around/b/file", "a/up/file"):
        lead = follow_on_disk(work_tree, path)
        assert (work_tree / lead.path) == (work_tree / path).resolve()
        assert lead.is_inside


def test_more_links_than_the_system_follows_are_a_loop() -> None:
    chain = {f"l{number}": f"l{number + 1}" for number in range(60)}

    assert follow("l10", chain.get, "/p").is_loop
    assert follow("l30", chain.get, "/p").path == "l60"


@pytest.fixture
def linked_settings(work_tree: Path) -> Path:
    """A project whose settings and pipeline are links to one of several."""
    stage = "stages: {t: {cmd: 'true', metrics: [{score.json: {cache: false}}]}}\n"
    write(
        work_tree,
        {
            "conf/small.yaml": "policy: {loss: {goal: min}}\nmetrics: [out.json]\n",
            "conf/pipeline.yaml": stage,
            "out.json": '{"loss": 1}\n',
            "score.json": '{"f1": 1}\n',
        },
    )
    (work_tree / "gitexp.yaml").unlink()
    (work_tree / "gitexp.yaml").symlink_to("conf/small.yaml")
    (work_tree / "dvc.yaml").symlink_to("conf/pipeline.yaml")
    commit_all(work_tree)
    return work_tree


@pytest.mark.parametrize("rev", ["HEAD", "workspace"])
def test_settings_and_a_pipeline_that_are_links_are_followed(
    linked_settings: Path, gitexp: Gitexp, rev: str
) -> None:
    write(linked_settings, {"out.json": '{"loss": 2}\n', "score.json": '{"f1": 2}\n'})
    commit_all(linked_settings)

    checked = gitexp("check", rev)
    found = gitexp("diff", "HEAD~1", rev)

    assert "2 metrics files can be read" in checked.out
    assert "loss   1 \u2192 2   +1   +100.0 %   worse" in found.out
    assert "f1" in found.out


def test_settings_that_lead_out_of_the_repository_are_named_by_check(
    linked_settings: Path, private: Path, gitexp: Gitexp
) -> None:
    (linked_settings / "gitexp.yaml").unlink()
    (linked_settings / "gitexp.yaml").symlink_to(private)
    commit_all(linked_settings)

    checked = gitexp("check", "HEAD")

    assert "outside of the repository" in checked.out + checked.err
    assert WORD not in checked.out + checked.err
