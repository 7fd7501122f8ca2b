from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.execution.workshop import Runs, Sh, TheRun
from tests.workshop import Git, Gitexp, commit_all, write

HUB = """\
mkdir -p out && cd out
[ -d .git ] || git init -q .
echo $1 > model.safetensors
echo "{\\"loss\\": $1}" > metrics.json
git add -A && git commit -qm step
"""


@pytest.fixture
def project_files() -> Mapping[str, str]:
    return {
        "conf/small.yaml": "rate: 0.1  # found by hand\n",
        ".gitignore": "/ignored/\n/own.yaml\n",
        "hub.sh": HUB,
    }


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A folder outside of the repository."""
    place = tmp_path / "scratch"
    place.mkdir()
    return place


@pytest.fixture
def linked(work_tree: Path) -> Path:
    """The repository, with `params.yaml` as a link to a configuration."""
    (work_tree / "params.yaml").symlink_to("conf/small.yaml")
    commit_all(work_tree)
    return work_tree


def test_a_value_is_set_in_what_the_link_leads_to(linked: Path, sh: Sh, the_run: TheRun) -> None:
    ended = sh("cat params.yaml > seen", "-S", "rate=0.5")

    assert ended.code == 0, ended.err
    assert (linked / "seen").read_text() == "rate: 0.5  # found by hand\n"
    assert (linked / "params.yaml").readlink() == Path("conf/small.yaml")
    assert the_run().record.params == {"params.yaml": {"rate": 0.5}}
    assert the_run().text("conf/small.yaml") == "rate: 0.5  # found by hand\n"
    assert the_run().text("params.yaml") == "conf/small.yaml"


def test_a_value_that_was_set_through_a_link_is_put_back_after_a_failure(
    linked: Path, sh: Sh
) -> None:
    assert sh("exit 3", "-S", "rate=0.5").code == 3

    assert (linked / "conf/small.yaml").read_text() == "rate: 0.1  # found by hand\n"


def test_no_value_is_set_through_a_link_out_of_the_project(
    work_tree: Path, scratch: Path, sh: Sh
) -> None:
    write(scratch, {"p.yaml": "rate: 1\n"})
    (work_tree / "params.yaml").symlink_to(scratch / "p.yaml")

    ended = sh("true", "-S", "rate=2")

    assert ended.code == 125
    assert ended.err == (
        f"error: no value can be set in 'params.yaml': 'params.yaml' is a link to "
        f"'{scratch}/p.yaml', outside of the repository\n"
        "hint: Change that file yourself, or put a copy of it in place of the link.\n"
    )
    assert (scratch / "p.yaml").read_text() == "rate: 1\n"


def test_a_run_in_a_copy_never_sets_a_value_in_the_work_tree(work_tree: Path, sh: Sh) -> None:
    (work_tree / "params.yaml").symlink_to(work_tree / "conf/small.yaml")
    commit_all(work_tree)

    ended = sh("true", "--temp", "-S", "rate=0.5")

    assert ended.code == 125
    assert "no value can be set in 'params.yaml'" in ended.err
    assert (work_tree / "conf/small.yaml").read_text() == "rate: 0.1  # found by hand\n"


def test_a_chain_of_links_and_linked_folders_is_followed(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "configs").symlink_to("conf")
    (work_tree / "chosen.yaml").symlink_to("configs/small.yaml")
    (work_tree / "params.yaml").symlink_to("./conf/../chosen.yaml")
    commit_all(work_tree)

    assert sh("true", "-S", "rate=3").code == 0

    assert the_run().record.params == {"params.yaml": {"rate": 3}}


def test_params_in_a_submodule_are_recorded_and_part_of_the_inputs(
    work_tree: Path, sh: Sh, the_run: TheRun, git: Git
) -> None:
    write(work_tree, {"sub/p.yaml": "rate: 1\n"})
    git("init", "--quiet", "sub")
    commit_all(work_tree / "sub")
    (work_tree / "params.yaml").symlink_to("sub/p.yaml")
    commit_all(work_tree)
    assert sh("true").code == 0
    before = the_run().record
    write(work_tree, {"sub/p.yaml": "rate: 2\n"})

    ended = sh("true")

    assert "'params.yaml' leads to 'sub/p.yaml': its values are recorded" in ended.err
    assert (before.params, the_run().record.params) == (
        {"params.yaml": {"rate": 1}},
        {"params.yaml": {"rate": 2}},
    )
    assert before.inputs.oid != the_run().record.inputs.oid


@pytest.fixture
def submodule(work_tree: Path, git: Git) -> Path:
    """A repository inside, which the one outside tracks at a commit, with values of its own."""
    write(work_tree, {"gitexp.yaml": "params: [sub/p.yaml]\nmetrics: [sub/m.json]\n"})
    write(work_tree, {"sub/p.yaml": "rate: 1\n", "sub/m.json": '{"loss": 0}\n', "sub/old.pt": "w"})
    git("init", "--quiet", "sub")
    commit_all(work_tree / "sub")
    commit_all(work_tree)
    return work_tree / "sub"


def test_params_files_that_lie_in_a_submodule_are_recorded(
    submodule: Path, sh: Sh, the_run: TheRun
) -> None:
    assert sh("true").code == 0
    before = the_run().record

    ended = sh("cat sub/p.yaml", "-S", "rate=7")

    assert ended.out == "rate: 7\n"
    assert "'sub/p.yaml' lies in 'sub', a repository of its own: its values are rec" in ended.err
    assert before.params == {"sub/p.yaml": {"rate": 1}}
    assert the_run().record.params == {"sub/p.yaml": {"rate": 7}}
    assert before.inputs.oid != the_run().record.inputs.oid
    assert (submodule / "p.yaml").read_text() == "rate: 7\n"


@pytest.mark.usefixtures("submodule")
def test_metrics_and_models_that_a_command_writes_into_a_submodule_are_not_passed_over(
    sh: Sh, the_run: TheRun
) -> None:
    ended = sh("echo '{\"loss\": 2}' > sub/m.json; echo w > sub/new.pt")
    written = the_run().record
    idle = sh("true")

    assert written.metrics == {"sub/m.json": {"loss": 2}}
    assert "'sub/new.pt' is not recorded, because 'sub' is a repository" in ended.err
    assert "sub/old.pt" not in ended.err
    assert the_run().record.metrics == {}
    assert "sub/new.pt" not in idle.err


@pytest.mark.usefixtures("submodule")
def test_a_submodule_that_the_command_moves_is_named(sh: Sh, the_run: TheRun) -> None:
    commit = "git -C sub -c user.name=a -c user.email=b commit -q --allow-empty -m next"

    ended = sh(commit)

    assert the_run().record.changed_meanwhile == ("sub",)
    assert "'sub' changed while" in ended.err
    assert sh("true").code == 0
    assert the_run().record.changed_meanwhile == ()


def test_links_that_lead_in_a_circle_hinder_nothing(work_tree: Path, sh: Sh, runs: Runs) -> None:
    (work_tree / "params.yaml").symlink_to("back")
    (work_tree / "back").symlink_to("params.yaml")
    commit_all(work_tree)
    line = "ln -s a.pt b.pt; ln -s b.pt a.pt; ln -s gone c.pt; ln -s metrics.json metrics.json"

    first, second = sh(line), sh("touch a.pt || true")

    assert (first.code, second.code) == (0, 0), first.err
    assert "'params.yaml' is a link that leads in a circle: the run has no params" in first.err
    assert "no metrics from 'metrics.json': the link leads nowhere" in first.err
    assert runs()[1].text("c.pt") == "gone"


def test_metrics_are_those_of_the_file_that_the_run_wrote(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    write(work_tree, {"ignored/1/m.json": '{"loss": 1}'})
    (work_tree / "metrics.json").symlink_to("ignored/1/m.json")
    commit_all(work_tree)
    made = sh(
        "mkdir ignored/2; echo '{\"loss\": 2}' > ignored/2/m.json; "
        "ln -sf ignored/2/m.json metrics.json"
    )
    assert (made.code, the_run().record.metrics) == (0, {"metrics.json": {"loss": 2}})
    assert the_run().text("ignored/2/m.json") == '{"loss": 2}\n'

    ended = sh("ln -sf ignored/1/m.json metrics.json")

    assert the_run().record.metrics == {}
    assert "it leads to 'ignored/1/m.json', which was not written" in ended.err


def test_a_link_that_becomes_a_file_is_one_in_the_run(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    write(work_tree, {"old.json": '{"loss": 1}'})
    (work_tree / "metrics.json").symlink_to("old.json")
    commit_all(work_tree)

    assert sh("rm metrics.json; echo '{\"loss\": 2}' > metrics.json").code == 0

    assert the_run().record.metrics == {"metrics.json": {"loss": 2}}
    assert the_run().entries["metrics.json"][0] == "100644"
    assert the_run().text("old.json") == '{"loss": 1}'


def test_a_folder_that_becomes_a_link_is_one_in_the_run(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    write(work_tree, {"results/a.txt": "a\n"})
    commit_all(work_tree)

    assert sh("mkdir new; cp results/a.txt new; rm -r results; ln -s new results").code == 0

    assert the_run().files()["results"] == "120000 new"
    assert the_run().text("new/a.txt") == "a\n"


def test_what_a_run_writes_through_a_linked_folder_is_recorded_where_it_lies(
    work_tree: Path, sh: Sh, the_run: TheRun, gitexp: Gitexp
) -> None:
    write(work_tree, {"gitexp.yaml": "track: [checkpoints/]\n", "ignored/x": ""})
    (work_tree / "checkpoints").symlink_to("ignored")
    commit_all(work_tree)
    assert sh("echo one > checkpoints/w.bin", "-n", "one").code == 0
    assert sh("echo two > checkpoints/w.bin").code == 0

    got = gitexp("get", "one", "checkpoints/w.bin", "-o", "-")
    applied = gitexp("apply", "--force", "one")

    assert [(one.path, one.role) for one in the_run().record.pointers] == [("ignored", "output")]
    assert (got.out, applied.code) == ("one\n", 0)
    assert (work_tree / "checkpoints").readlink() == Path("ignored")
    assert (work_tree / "checkpoints/w.bin").read_text() == "one\n"


def test_a_link_to_the_newest_folder_is_written_with_it(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    write(work_tree, {"gitexp.yaml": "metrics: [latest/m.json]\n", "run1/m.json": "{}"})
    (work_tree / "latest").symlink_to("run1")
    commit_all(work_tree)

    ended = sh("mkdir run2; echo '{\"loss\": 2}' > run2/m.json; ln -sfn run2 latest")

    assert ended.err.endswith(": loss 2\n")
    assert the_run().record.metrics == {"latest/m.json": {"loss": 2}}
    assert (the_run().text("latest"), the_run().text("run1/m.json")) == ("run2", "{}")


def test_a_link_to_where_the_repository_lies_gives_its_files_no_other_name(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "up").symlink_to("..")
    (work_tree / "self").symlink_to(".")
    commit_all(work_tree)

    ended = sh("echo w > self/m.pt")

    assert "up/work" not in ended.err
    assert the_run().record.outputs == ("m.pt",)
    assert the_run().record.left_out == ()


@pytest.mark.usefixtures("work_tree")
def test_hard_links_of_one_model_are_each_recorded_and_given_back(sh: Sh, gitexp: Gitexp) -> None:
    assert sh("echo one > a.pt; ln a.pt b.pt", "-n", "one").code == 0
    assert sh("echo two > a.pt").code == 0

    got = [
        gitexp("get", run, f"{name}.pt", "-o", "-").out
        for run in ("one", "latest")
        for name in ("a", "b")
    ]

    assert got == ["one\n", "one\n", "two\n", "two\n"]


@pytest.mark.usefixtures("work_tree")
def test_a_linked_checkpoint_stays_a_link(sh: Sh, the_run: TheRun) -> None:
    line = "mkdir run1; echo w > run1/e3.ckpt; ln -s e3.ckpt run1/last.ckpt; ln -s run1 latest"

    assert sh(line).code == 0

    assert [one.path for one in the_run().record.pointers] == ["run1/e3.ckpt"]
    assert the_run().text("run1/last.ckpt") == "e3.ckpt"
    assert the_run().text("latest") == "run1"


def test_what_is_written_outside_is_named_and_left_out(
    work_tree: Path, scratch: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "checkpoints").symlink_to(scratch)
    commit_all(work_tree)

    ended = sh("echo w > checkpoints/model.pt")

    assert ended.err.startswith(
        f"note: 'checkpoints' is a link to '{scratch}', outside of the repository: "
        "the run holds the link alone\n"
        "note: 'checkpoints/model.pt' is not recorded, because 'checkpoints' is a link to "
        f"'{scratch}', outside of the repository\n"
    )
    assert the_run().record.left_out == ("checkpoints/model.pt",)


def test_values_outside_are_read_through_a_link_that_git_ignores_in_every_run(
    work_tree: Path, scratch: Path, sh: Sh, the_run: TheRun
) -> None:
    write(work_tree, {"gitexp.yaml": "params: [own.yaml]\n"})
    write(scratch, {"p.yaml": "rate: 1\n"})
    (work_tree / "own.yaml").symlink_to(scratch / "p.yaml")
    commit_all(work_tree)

    for options in ((), (), ("--temp",)):
        assert sh("grep rate own.yaml", *options).code == 0
        assert the_run().record.params == {"own.yaml": {"rate": 1}}
        assert "own.yaml" not in the_run().entries


def test_a_folder_that_the_command_makes_a_repository_is_recorded(
    work_tree: Path, sh: Sh, the_run: TheRun, gitexp: Gitexp
) -> None:
    write(work_tree, {"gitexp.yaml": "metrics: [out/metrics.json]\n"})
    commit_all(work_tree)
    for number in (1, 2):
        ended = sh(f"sh hub.sh {number}")

        assert ended.code == 0, ended.err
        assert the_run().record.metrics == {"out/metrics.json": {"loss": number}}
        assert [(one.path, one.nfiles) for one in the_run().record.pointers] == [("out", 2)]
        assert gitexp("get", "latest", "out/model.safetensors", "-o", "-").out == f"{number}\n"


def test_of_a_repository_that_was_there_values_are_recorded_and_models_named(
    work_tree: Path, sh: Sh, the_run: TheRun, git: Git
) -> None:
    write(work_tree, {"gitexp.yaml": "metrics: [out/metrics.json]\n", "out/x": ""})
    git("init", "--quiet", "out")
    commit_all(work_tree / "out")

    ended = sh("sh hub.sh 1")

    assert the_run().record.metrics == {"out/metrics.json": {"loss": 1}}
    assert the_run().record.left_out == ("out/metrics.json", "out/model.safetensors")
    assert "'out/model.safetensors' is not recorded, because 'out' is a repository" in ended.err


def test_metrics_in_a_folder_behind_a_pointer_are_those_of_each_run(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    write(work_tree, {"gitexp.yaml": "metrics: [out/metrics.json]\ntrack: [out/]\n"})
    commit_all(work_tree)
    for loss in (1, 2):
        assert sh(f"mkdir -p out; echo '{{\"loss\": {loss}}}' > out/metrics.json").code == 0
        assert the_run().record.metrics == {"out/metrics.json": {"loss": loss}}

    assert sh("true").code == 0

    assert the_run().record.metrics == {}


@pytest.mark.usefixtures("work_tree")
def test_outputs_of_earlier_runs_do_not_stop_a_run(sh: Sh) -> None:
    line = 'mkdir -p "$0"; for n in 1 2 3; do head -c 4000000 /dev/urandom > "$0/$n.png"; done'
    line = f"sh -c '{line}'"

    ended = [sh(f"{line} run{number}") for number in range(3)]

    assert [one.code for one in ended] == [0, 0, 0], ended[-1].err


def test_the_work_tree_saved_is_read_through_links(
    linked: Path, gitexp: Gitexp, the_run: TheRun
) -> None:
    write(linked, {"results/m.json": json.dumps({"loss": 1})})
    (linked / "metrics.json").symlink_to("results/m.json")

    assert gitexp("save").code == 0

    assert the_run().record.params == {"params.yaml": {"rate": 0.1}}
    assert the_run().record.metrics == {"metrics.json": {"loss": 1}}
