from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.git.repository import NoRepository
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.project import Project

OpenProject = Callable[[Path], Project]


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A repository with a project at its top and one in a folder."""
    path = tmp_path / "mono"
    subprocess.run(["git", "init", "--quiet", path], check=True)
    (path / "nets" / "lib").mkdir(parents=True)
    (path / "docs").mkdir()
    (path / "gitexp.yaml").write_text("branch: top-runs\n")
    (path / "nets" / "gitexp.yaml").write_text("branch: net-runs\nshared: [../docs]\n")
    subprocess.run(["git", "add", "--all"], cwd=path, check=True)
    subprocess.run(["git", "commit", "--quiet", "-m", "start"], cwd=path, check=True)
    return path


@pytest.fixture
def opened() -> Iterator[OpenProject]:
    """Open projects, and close them."""
    projects: list[Project] = []

    def open_(directory: Path) -> Project:
        projects.append(Project.open(directory))
        return projects[-1]

    yield open_
    for project in projects:
        project.close()


@pytest.mark.parametrize(
    ("below", "folder", "branch"),
    [
        ("", "", "top-runs"),
        ("docs", "", "top-runs"),
        ("nets", "nets", "net-runs"),
        ("nets/lib", "nets", "net-runs"),
    ],
)
def test_a_project_is_the_nearest_folder_with_a_configuration(
    top: Path, opened: OpenProject, below: str, folder: str, branch: str
) -> None:
    project = opened(top / below)

    assert (project.folder, project.directory) == (folder, below)
    assert project.root == top / folder
    assert project.config.branch == branch


def test_without_a_configuration_the_top_is_the_project(top: Path, opened: OpenProject) -> None:
    (top / "gitexp.yaml").unlink()

    project = opened(top / "docs")

    assert (project.folder, project.config.branch) == ("", "experiments")


def test_a_configuration_above_the_repository_does_not_count(
    top: Path, opened: OpenProject
) -> None:
    (top / "gitexp.yaml").unlink()
    (top.parent / "gitexp.yaml").write_text("branch: outside\n")

    assert opened(top).config.branch == "experiments"


def test_a_folder_named_like_the_configuration_is_none(top: Path, opened: OpenProject) -> None:
    (top / "docs" / "gitexp.yaml").mkdir()

    assert opened(top / "docs").folder == ""


def test_a_relative_directory_will_do(
    top: Path, opened: OpenProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(top / "nets")

    assert opened(Path("lib")).directory == "nets/lib"
    assert opened(Path()).folder == "nets"


def test_a_symbolic_link_leads_to_what_it_names(
    top: Path, tmp_path: Path, opened: OpenProject
) -> None:
    (tmp_path / "link").symlink_to(top / "nets")

    project = opened(tmp_path / "link" / "lib")

    assert (project.folder, project.directory) == ("nets", "nets/lib")
    assert project.repository.top == top


def test_a_linked_work_tree_is_a_place_of_its_own(
    top: Path, tmp_path: Path, opened: OpenProject
) -> None:
    subprocess.run(["git", "worktree", "add", "--quiet", tmp_path / "other"], cwd=top, check=True)

    project = opened(tmp_path / "other" / "nets")

    assert project.root == tmp_path / "other" / "nets"
    assert project.repository.common_dir == top / ".git"


@pytest.mark.parametrize(("folder", "path"), [("", "a/b.py"), ("nets", "nets/a/b.py")])
def test_names_and_paths_are_inverse(
    top: Path, opened: OpenProject, folder: str, path: str
) -> None:
    project = opened(top / folder)

    assert project.path(ProjectPath("a/b.py")) == path
    assert project.name(TopPath(path)) == "a/b.py"


def test_what_lies_outside_a_project_keeps_its_path(top: Path, opened: OpenProject) -> None:
    assert opened(top / "nets").name(TopPath("netsuke/a.py")) == "netsuke/a.py"


def test_shared_folders_belong_to_a_run(top: Path, opened: OpenProject) -> None:
    assert opened(top / "nets").recorded_folders() == ("nets", "docs")
    assert opened(top).recorded_folders() == ("",)


@pytest.mark.parametrize(
    ("shared", "folders"),
    [
        ("[..]", ("",)),
        ("[../../outside]", ("nets",)),
        ("[../docs, ../nosuch]", ("nets", "docs", "nosuch")),
        ("[lib]", ("nets", "nets/lib")),
    ],
)
def test_shared_folders_of_all_kinds(
    top: Path, opened: OpenProject, shared: str, folders: tuple[str, ...]
) -> None:
    (top / "nets" / "gitexp.yaml").write_text(f"shared: {shared}\n")

    assert opened(top / "nets").recorded_folders() == folders


def test_a_wrong_configuration_is_called_by_its_path(top: Path, opened: OpenProject) -> None:
    (top / "nets" / "gitexp.yaml").write_text("brnch: a\n")

    with pytest.raises(GitexpError) as caught:
        _ = opened(top / "nets").config

    assert str(caught.value) == "nets/gitexp.yaml, line 1: unknown setting 'brnch'"


def test_git_directories_and_plain_folders_are_no_projects(top: Path, tmp_path: Path) -> None:
    for place in (top / ".git", top / ".git" / "refs", tmp_path):
        with pytest.raises(NoRepository):
            Project.open(place)


def test_a_directory_that_is_not_there_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(GitexpError, match="no directory '"):
        Project.open(tmp_path / "nosuch")


def test_git_variables_of_a_hook_do_not_lead_elsewhere(
    top: Path, opened: OpenProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path / "hooked"], check=True)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "hooked" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "hooked"))

    assert opened(top / "nets").repository.top == top
