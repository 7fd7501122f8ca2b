"""`pre-commit`: what is staged, whatever the work tree holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitexp.git.staging import StagedFile, differing_in_index, head_or_nothing
from gitexp.hooks.call import Call
from gitexp.hooks.entry import tell
from gitexp.model.paths import TopPath

_REFUSED = "`git commit --no-verify` commits anyway."


def pre_commit(call: Call) -> int:
    """Refuse a commit that could not be used; return git's exit code."""
    repository = call.repository
    changes = differing_in_index(repository, head_or_nothing(repository), call.index)
    for other in call.brought:
        own = {one.path for one in differing_in_index(repository, other, call.index)}
        changes = [one for one in changes if one.path in own]
    if all(one.status == "D" for one in changes):
        return 0
    folders = call.project_folders()
    wrong = [text for folder in folders for text in _problems(call, folder, folders, changes)]
    if not wrong:
        return 0
    tell("not committed:" + "".join(f"\n  {text}" for text in dict.fromkeys(wrong)))
    tell(f"hint: {_REFUSED}")
    return 1


def _problems(
    call: Call, folder: TopPath, folders: Sequence[TopPath], changes: Sequence[StagedFile]
) -> Iterator[str]:
    """Yield what is wrong with the files that belong to one project, and to none inside it."""
    inner = [f"{other}/" for other in folders if other != folder and _is_below(folder, other)]
    mine = [
        one
        for one in changes
        if _is_below(folder, one.path) and not one.path.startswith(tuple(inner))
    ]
    if any(one.status != "D" for one in mine):
        from gitexp.hooks.staged_project import problems  # noqa: PLC0415 - 150 ms, not with nothing to do

        yield from problems(call, folder, mine)


def _is_below(folder: str, path: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")
