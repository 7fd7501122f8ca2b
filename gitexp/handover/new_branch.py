"""Whether a branch of some name can be made."""

from __future__ import annotations

from gitexp.errors import GitexpError
from gitexp.git.refs import list_refs
from gitexp.project import Project


def check_new_branch(project: Project, branch: str) -> None:
    """Raise GitexpError unless a branch of that name can be made."""
    repository = project.repository
    ref = f"refs/heads/{branch}"
    valid = repository.attempt("check-ref-format", ref).returncode == 0
    if not valid or branch.startswith(("-", "@{")) or branch in ("HEAD", "@"):
        raise GitexpError(
            f"'{branch}' is not a valid name for a branch",
            hint="`git check-ref-format --help` says which names git accepts.",
        )
    if branch == project.config.branch:
        raise GitexpError(
            f"'{branch}' is the branch on which runs are recorded", hint="Choose another name."
        )
    for found in list_refs(repository, "refs/heads/"):
        if found.name == ref:
            raise GitexpError(
                f"branch '{branch}' already exists",
                hint=f"Choose another name, or delete it with `git branch -D {branch}`.",
            )
        if found.name.startswith(f"{ref}/") or ref.startswith(f"{found.name}/"):
            other = found.name.removeprefix("refs/heads/")
            raise GitexpError(
                f"branch '{other}' is in the way of '{branch}'", hint="Choose another name."
            )
