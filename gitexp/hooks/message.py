"""`prepare-commit-msg`: which metrics the commit changes, in the message that is being written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from gitexp.git.repository import Repository
from gitexp.git.staging import StagedFile, commit_or_nothing, differing_in_index
from gitexp.hooks.amending import amends
from gitexp.hooks.call import Call
from gitexp.model.text import harmless

_PLAIN = ("", "template")
_UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "SQUASH_MSG")
_TRAILER = "Metric-Change"
_MOST = 20
_SCISSORS = "- >8 -"
_SQUASHED_LATER = ("fixup!", "squash!", "amend!")


def prepare_commit_msg(call: Call) -> int:
    """Add the changes of metrics to a message that is new.

    As a comment only if an editor opens, because git keeps the comments of `-m`. The message
    of a merge, a squash, or another commit (`--amend`, `-C`) is nobody's to change. One that
    `--amend -m` gives is new, and says what the amended commit changes.
    """
    file, source = Path(call.args[0]), call.args[1] if call.args[1:] else ""
    repository = call.repository
    if source not in (*_PLAIN, "message") or call.rebase is not None or _is_anothers(repository):
        return 0
    base = _base(call) if source == "message" else "HEAD"
    if not any(_may_hold(one.path) for one in _changes(call, base)) or not call.has_gitexp():
        return 0
    from gitexp.hooks.metric_changes import changed_metrics  # noqa: PLC0415 - 90 ms, not with nothing to do

    for folder in call.project_folders():
        found = changed_metrics(repository, folder, call.index, base)
        if found.lines and found.wanted == "trailers" and not _is_squashed_later(file):
            start = f"{harmless(folder)}: " if folder else ""
            _add_trailers(call, file, [f"{start}{line}" for line in found.lines])
        elif found.lines and found.wanted == "comment" and source in _PLAIN:
            title = f"Metrics of {harmless(folder)}:" if folder else "Metrics:"
            _add_comment(call, file, title, found.lines)
    return 0


def _base(call: Call) -> str:
    """Return the commit that the new one will follow."""

    return "HEAD^" if amends(call) else "HEAD"


def _changes(call: Call, base: str) -> list[StagedFile]:
    repository = call.repository
    return differing_in_index(repository, commit_or_nothing(repository, base), call.index)


def _is_anothers(repository: Repository) -> bool:
    """Return whether the message is that of a merge, a cherry-pick or a revert."""
    return any((repository.git_dir / name).exists() for name in _UNDER_WAY)


def _is_squashed_later(file: Path) -> bool:
    return file.read_bytes().startswith(tuple(map(str.encode, _SQUASHED_LATER)))


def _may_hold(path: str) -> bool:
    return path.lower().endswith((".json", ".yaml", ".yml", ".toml"))


def _add_trailers(call: Call, file: Path, lines: Iterable[str]) -> None:
    options = [f"--trailer={_TRAILER}: {line}" for line in lines]
    call.repository.git("interpret-trailers", "--in-place", *options, str(file.absolute()))


def _add_comment(call: Call, file: Path, title: str, lines: Iterable[str]) -> None:
    """Put a block before git's own comments, where git will strip it."""
    config = call.repository.config
    mark = config.get("core.commentchar") or config.get("core.commentstring") or "#"
    if config.get("commit.cleanup", "default") not in ("default", "strip") or mark == "auto":
        return
    with file.open(encoding="utf-8", errors="surrogateescape", newline="") as opened:
        text = opened.read()
    block = "".join(f"{mark} {line}\n" for line in (title, *_indented(lines)))
    first = re.search(rf"^{re.escape(mark)}.*", text, re.MULTILINE)
    if first is not None and _SCISSORS in first.group():  # `--cleanup=scissors` keeps comments
        return
    at = first.start() if first else len(text)
    before = text[:at] if text[:at].endswith("\n") or not text[:at] else f"{text[:at]}\n"
    after = f"{mark}\n{text[at:]}" if text[at:] else ""
    with file.open("w", encoding="utf-8", errors="surrogateescape", newline="") as opened:
        opened.write(f"{before or chr(10)}{block}{after}")


def _indented(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number == _MOST:
            yield "  …"
            return
        yield f"  {line}"
