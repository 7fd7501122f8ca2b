from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.git.place import NoRepository
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.project import Project

from tests.workshop import Git, git

OpenProject = Callable[[Path], Project]


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project at the top and one in a folder."""
    return {
        "gitexp.yaml": "branch: top-runs\n",
        "nets/gitexp.yaml": "branch: net-runs\nshared: [../docs]\n",
    }


@pytest.fixture
def work_tree(work_tree: Path) -> Path:
    """The work tree, with two folders that git does not know."""
    (work_tree / "nets" / "lib").mkdir()
    (work_tree / "docs").mkdir()
    return work_tree


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
    work_tree: Path, opened: OpenProject, below: str, folder: str, branch: str
) -> None:
    project = opened(work_tree / below)

    assert (project.folder, project.directory) == (folder, below)
    assert project.root == work_tree / folder
    assert project.config.branch == branch


def test_without_a_configuration_the_top_is_the_project(
    work_tree: Path, opened: OpenProject
) -> None:
    (work_tree / "gitexp.yaml").unlink()

    project = opened(work_tree / "docs")

    assert (project.folder, project.config.branch) == ("", "experiments")


def test_a_configuration_above_the_repository_does_not_count(
    work_tree: Path, opened: OpenProject
) -> None:
    (work_tree / "gitexp.yaml").unlink()
    (work_tree.parent / "gitexp.yaml").write_text("branch: outside\n")

    assert opened(work_tree).config.branch == "experiments"


def test_a_folder_named_like_the_configuration_is_none(
    work_tree: Path, opened: OpenProject
) -> None:
    (work_tree / "docs" / "gitexp.yaml").mkdir()

    assert opened(work_tree / "docs").folder == ""


def test_a_relative_directory_will_do(
    work_tree: Path, opened: OpenProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(work_tree / "nets")

    assert opened(Path("lib")).directory == "nets/lib"
    assert opened(Path()).folder == "nets"


def test_a_symbolic_link_leads_to_what_it_names(
    work_tree: Path, tmp_path: Path, opened: OpenProject
) -> None:
    (tmp_path / "link").symlink_to(work_tree / "nets")

    project = opened(tmp_path / "link" / "lib")

    assert (project.folder, project.directory) == ("nets", "nets/lib")
    assert project.repository.top == work_tree


def test_a_linked_work_tree_is_a_place_of_its_own(
    work_tree: Path, tmp_path: Path, opened: OpenProject
) -> None:
    git("worktree", "add", "--quiet", tmp_path / "other")

    project = opened(tmp_path / "other" / "nets")

    assert project.root == tmp_path / "other" / "nets"
    assert project.repository.common_dir == work_tree / ".git"


@pytest.mark.parametrize(("folder", "path"), [("", "a/b.py"), ("nets", "nets/a/b.py")])
def test_names_and_paths_are_inverse(
    work_tree: Path, opened: OpenProject, folder: str, path: str
) -> None:
    project = opened(work_tree / folder)

    assert project.path(ProjectPath("a/b.py")) == path
    assert project.name(TopPath(path)) == "a/b.py"


def test_what_lies_outside_a_project_keeps_its_path(work_tree: Path, opened: OpenProject) -> None:
    assert opened(work_tree / "nets").name(TopPath("netsuke/a.py")) == "netsuke/a.py"


def test_shared_folders_belong_to_a_run(work_tree: Path, opened: OpenProject) -> None:
    assert opened(work_tree / "nets").recorded_folders() == ("nets", "docs")
    assert opened(work_tree).recorded_folders() == ("",)


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
    work_tree: Path, opened: OpenProject, shared: str, folders: tuple[str, ...]
) -> None:
    (work_tree / "nets" / "gitexp.yaml").write_text(f"shared: {shared}\n")

    assert opened(work_tree / "nets").recorded_folders() == folders


def test_a_wrong_configuration_is_called_by_its_path(work_tree: Path, opened: OpenProject) -> None:
    (work_tree / "nets" / "gitexp.yaml").write_text("brnch: a\n")

    with pytest.raises(GitexpError) as caught:
        _ = opened(work_tree / "nets").config

    assert str(caught.value) == "nets/gitexp.yaml, line 1: unknown setting 'brnch'"


def test_git_directories_and_plain_folders_are_no_projects(work_tree: Path, tmp_path: Path) -> None:
    for place in (work_tree / ".git", work_tree / ".git" / "refs", tmp_path):
        with pytest.raises(NoRepository):
            Project.open(place)


def test_a_directory_that_is_not_there_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(GitexpError, match="no directory '"):
        Project.open(tmp_path / "nosuch")


def test_git_variables_of_a_hook_do_not_lead_elsewhere(
    work_tree: Path, opened: OpenProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("init", "--quiet", tmp_path / "hooked")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "hooked" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "hooked"))

    assert opened(work_tree / "nets").repository.top == work_tree


@pytest.mark.parametrize("name", ["gitexp.yaml", "dvc.yaml"])
def test_settings_outside_of_the_repository_are_read_only_through_a_link_of_this_clone(
    name: str, work_tree: Path, tmp_path: Path, opened: OpenProject, git: Git
) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("metrics: [own.json]\n")
    (work_tree / name).unlink(missing_ok=True)
    (work_tree / name).symlink_to(outside)
    git("add", name)

    with pytest.raises(GitexpError, match=f"'{name}' is a link to '{outside}', outside"):
        _ = opened(work_tree).pipeline
    git("rm", "--quiet", "--cached", name)
    (work_tree / ".git/info/exclude").write_text(f"/{name}\n")

    assert name in git("ls-files", "--others")
    assert {*opened(work_tree).pipeline.metrics, *opened(work_tree).config.metrics} >= {"own.json"}
