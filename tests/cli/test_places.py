"""Where projects live: monorepos, linked work trees, filters, odd names, links, line ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gitexp.errors import ExitCode

from tests.cli.workshop import Clone
from tests.workshop import Git, Gitexp, NewRepository

TRAIN = """\
from pathlib import Path

rate = float(Path("params.yaml").read_text().split()[1])
Path("metrics.json").write_text('{"accuracy": %s}' % rate)
Path("modèl.pt").write_text(str(rate))
"""


def names(gitexp: Gitexp, place: Path) -> list[str]:
    return [run["name"] for run in json.loads(gitexp("-C", place, "ls", "--json").out)]


def entries(git: Git, rev: str) -> dict[str, str]:
    """Return mode and content of each file of a run by its path, without the record."""
    found = {}
    for line in git("ls-tree", "-r", "-z", rev).split("\0")[:-1]:
        head, _, path = line.partition("\t")
        mode, _, oid = head.split()
        if ".gitexp/" not in path:
            found[path] = f"{mode} {git('cat-file', 'blob', oid)}"
    return found


@pytest.fixture
def monorepo(new_repository: NewRepository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two projects, one of them in a folder with an odd name, and a thousand other files."""
    files = {f"libs/file {number}.txt": f"{number}\n" for number in range(1000)}
    for app in ("apps/bild ü", "apps/text"):
        files |= {
            f"{app}/gitexp.yaml": "command: python train.py\n",
            f"{app}/params.yaml": "rate: 0.5\n",
            f"{app}/train.py": TRAIN,
        }
    top = new_repository("mono repo ü", files)
    monkeypatch.chdir(top)
    return top


def test_projects_of_a_monorepo_have_runs_of_their_own_on_one_branch(
    gitexp: Gitexp, git: Git, monorepo: Path, tmp_path: Path
) -> None:
    git("init", "--quiet", "--bare", tmp_path / "hub.git")
    git("remote", "add", "origin", f"file://{tmp_path / 'hub.git'}")
    git("push", "--quiet", "origin", "main")
    image, text = monorepo / "apps" / "bild ü", monorepo / "apps" / "text"

    outcomes = [gitexp("-C", image, "run", "-n", "i", "-S", "rate=0.6"), gitexp("-C", text, "run")]
    pushed = gitexp("-C", text, "push")
    git("clone", "--quiet", f"file://{tmp_path / 'hub.git'}", tmp_path / "b")
    pulled = gitexp("-C", tmp_path / "b" / "apps" / "text", "pull")

    assert [one.code for one in outcomes] == [0, 0]
    assert names(gitexp, image) == ["i"]
    assert len(names(gitexp, text)) == 1
    assert names(gitexp, monorepo) == []
    assert pushed.out == "pushed 2 runs to origin/experiments\n"
    assert pulled.out == "2 runs came from origin/experiments\n"
    assert names(gitexp, tmp_path / "b" / "apps" / "bild ü") == ["i"]
    of_image = entries(git, "experiments~1")
    assert of_image["apps/bild ü/params.yaml"] == "100644 rate: 0.6\n"
    assert of_image["apps/text/params.yaml"] == "100644 rate: 0.5\n"
    assert "apps/bild ü/modèl.pt.dvc" in of_image
    assert len([path for path in of_image if path.startswith("libs/")]) == 1000
    trailers = "--format=%(trailers:key=Gitexp-Project,valueonly,separator=)"
    projects = git("log", "-2", trailers, "experiments").splitlines()
    assert projects == ["apps/text", "apps/bild ü"]


def test_runs_of_a_linked_work_tree_are_seen_from_all(
    gitexp: Gitexp, git: Git, work_tree: Path, tmp_path: Path
) -> None:
    git("worktree", "add", "--quiet", "--detach", tmp_path / "linked tree")
    gitexp("run", "-n", "here")

    outcome = gitexp("-C", tmp_path / "linked tree", "run", "-n", "there")

    assert outcome.code == ExitCode.OK
    assert names(gitexp, work_tree) == names(gitexp, tmp_path / "linked tree") == ["there", "here"]


@pytest.fixture(params=["own filter", "git-lfs"])
def filtered(request: pytest.FixtureRequest, work_tree: Path, git: Git) -> Path:
    """A repository whose `*.bin` git holds in another form."""
    attributes = "*.bin filter=rot -text\n"
    if request.param == "git-lfs":
        if shutil.which("git-lfs") is None:
            pytest.skip("git-lfs is not installed")
        git("lfs", "install", "--local")
        attributes = "*.bin filter=lfs diff=lfs merge=lfs -text\n"
    for way in ("clean", "smudge"):
        git("config", f"filter.rot.{way}", "tr a-zA-Z n-za-mN-ZA-M")
    (work_tree / ".gitattributes").write_text(attributes)
    (work_tree / "data.bin").write_text("data as it was")
    git("add", "--all")
    git("commit", "--quiet", "-m", "filtered")
    return work_tree


def test_filtered_files_are_held_as_git_holds_them_and_come_back_as_they_were(
    gitexp: Gitexp, git: Git, filtered: Path
) -> None:
    (filtered / "data.bin").write_text("data, edited")
    copy = "cat data.bin > seen.txt; cp data.bin out.bin"

    outcome = gitexp("run", "-n", "first", "--", "sh", "-c", copy)
    isolated = gitexp("run", "--temp", "-n", "second", "--", "sh", "-c", copy)

    assert [outcome.code, isolated.code] == [0, 0]
    for rev in ("experiments~1", "experiments"):
        held = entries(git, rev)
        assert held["seen.txt"] == "100644 data, edited"
        assert held["data.bin"] == held["out.bin"] != "100644 data, edited"
    git("restore", "data.bin")
    gitexp("get", "second", "out.bin", "-o", "got.bin")
    applied = gitexp("apply", "first", "--force")
    assert (filtered / "got.bin").read_text() == "data, edited"
    assert applied.code == ExitCode.OK
    assert (filtered / "data.bin").read_text() == "data, edited"
    assert "data.bin" not in git("diff", "--name-only", "experiments")


def test_lfs_objects_travel_with_the_runs(
    gitexp: Gitexp, git: Git, work_tree: Path, hub: Path, clone: Clone
) -> None:
    if shutil.which("git-lfs") is None:
        pytest.skip("git-lfs is not installed")
    git("lfs", "install", "--local")
    (work_tree / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "lfs")
    git("push", "--quiet", "origin", "main")
    gitexp("run", "-n", "one", "--", "sh", "-c", "echo weights > out.bin")

    pushed = gitexp("push")
    other = clone("other")
    git("lfs", "install", "--local", cwd=other)
    gitexp("-C", other, "pull")
    got = gitexp("-C", other, "get", "one", "out.bin", "-o", other / "got.bin")

    assert pushed.code == got.code == ExitCode.OK
    assert (other / "got.bin").read_text() == "weights\n"
    assert (hub / "lfs").is_dir()


def test_line_ends_are_gits_business_in_history_and_the_users_in_the_work_tree(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    git("config", "core.autocrlf", "true")
    (work_tree / "params.yaml").write_bytes(b"rate: 0.1\r\nseed: 1\r\n")
    git("add", "params.yaml")

    gitexp("run", "-n", "one", "-S", "rate=0.2")
    gitexp("run", "--temp", "-n", "two")
    edited = (work_tree / "params.yaml").read_bytes()
    git("restore", "--source=HEAD", "params.yaml")
    applied = gitexp("apply", "one")

    assert edited == b"rate: 0.2\r\nseed: 1\r\n"
    assert entries(git, "experiments~1")["params.yaml"] == "100644 rate: 0.2\nseed: 1\n"
    inputs = git("log", "-2", "--format=%(trailers:key=Gitexp-Inputs)", "experiments").split()
    assert inputs[1] == inputs[3]
    assert applied.code == ExitCode.OK
    assert (work_tree / "params.yaml").read_bytes() == edited


@pytest.mark.parametrize("options", [[], ["--temp"]], ids=["here", "--temp"])
def test_links_and_executable_bits_are_kept_in_what_goes_in_and_what_comes_out(
    gitexp: Gitexp, git: Git, work_tree: Path, options: list[str]
) -> None:
    (work_tree / "link to params").symlink_to("params.yaml")
    (work_tree / "dangling").symlink_to("nowhere")
    (work_tree / "folder").symlink_to("/tmp")
    (work_tree / "tool.sh").write_text(
        "#!/bin/sh\ncat 'link to params' > seen.txt\nln -s seen.txt made\n"
        "cp tool.sh made.sh\nchmod +x made.sh\n"
    )
    (work_tree / "tool.sh").chmod(0o755)

    outcome = gitexp("run", *options, "-n", "one", "--", "./tool.sh")

    assert outcome.code == ExitCode.OK, outcome.err
    held = entries(git, "experiments")
    assert held["link to params"] == "120000 params.yaml"
    assert held["dangling"] == "120000 nowhere"
    assert held["folder"] == "120000 /tmp"
    assert held["made"] == "120000 seen.txt"
    assert held["seen.txt"] == "100644 rate: 0.1\nseed: 1\n"
    assert held["tool.sh"] == held["made.sh"]
    assert held["made.sh"].startswith("100755 #!/bin/sh\n")
