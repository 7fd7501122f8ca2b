"""A run as a shell script: made again with git and DVC alone."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterable, Iterator

from gitexp.git.trees import Entry, tree_entries
from gitexp.model.command.text import is_shell_line
from gitexp.model.text import harmless
from gitexp.pointers.roots import root_of
from gitexp.project import Project
from gitexp.rerunning.original import Original, needed_data
from gitexp.revisions.by_name import is_record

_HEAD = """\
#!/bin/sh
# Makes run {name} ({id}) again, in a new folder: sh SCRIPT [FOLDER]
# Call it in a clone of the repository. It needs git{and_dvc}.
set -eu

run={oid}
place=${{1:-{folder}}}
git cat-file -e "$run^{{commit}}" 2>/dev/null || git fetch --quiet origin {branch}
"""


def script_of(project: Project, original: Original) -> str:
    """Return the script."""
    needed, _ = needed_data(project, original)
    record = original.record
    head = _HEAD.format(
        name=harmless(record.name),
        id=record.id,
        oid=original.run.oid,
        folder=shlex.quote(f"{harmless(record.name)}-again"),
        branch=shlex.quote(project.config.branch),
        and_dvc=" and DVC" if needed else "",
    )
    lines = [*_tree(project, original)]
    by_root: dict[str, list[str]] = {}
    for one in needed:
        root = root_of(project, one.path)
        if root is not None:
            folder = root.relative_to(project.repository.top).as_posix()
            by_root.setdefault(folder, []).append(one.path)
    for folder, paths in by_root.items():
        lines += _data(paths, folder)
    return "\n".join((head, *lines, *_command(original), ""))


def _tree(project: Project, original: Original) -> Iterator[str]:
    """Yield what makes the work tree: the run's files, or another commit's, with what differs."""
    start = original.head if original.onto is not None else original.run.oid
    there = original.base if original.onto is not None else _files_of(project, original)
    source = '"$run"' if original.onto is None else original.head
    yield "cache=$(git rev-parse --path-format=absolute --show-toplevel)"
    yield f'git worktree add --quiet --detach "$place" {source}'
    yield 'cd "$place"'
    gone = dict.fromkeys(
        path.rpartition("/")[0] if is_record(path) else path
        for path in sorted(there)
        if path not in original.entries
    )
    if gone:
        yield "# what the run wrote, and its record"
        yield from _wrapped("rm -rf --", gone)
    new = {path: one for path, one in original.entries.items() if there.get(path) != one}
    for rev, paths in _sources(project, original, new, start).items():
        yield f"# as in {rev}"
        yield from _wrapped(f"git --literal-pathspecs checkout --quiet {rev} --", paths)


def _files_of(project: Project, original: Original) -> dict[str, Entry]:
    return tree_entries(project.repository, original.run.oid)


def _sources(
    project: Project, original: Original, new: dict[str, Entry], start: str
) -> dict[str, list[str]]:
    """Return where files come from that the start does not have; what no commit has is left."""
    found: dict[str, list[str]] = {}
    run = _files_of(project, original)
    for path, one in sorted(new.items()):
        if original.base.get(path) == one and original.head != start:
            found.setdefault(original.head, []).append(path)
        elif run.get(path) == one and original.run.oid != start:
            found.setdefault('"$run"', []).append(path)
    return found


def _data(paths: Iterable[str], folder: str) -> Iterator[str]:
    files = [f"{posixpath.relpath(path, folder)}.dvc" for path in paths]
    yield "# the data, from the cache of this clone or else from the remote"
    here = "" if folder == "." else f"/{shlex.quote(folder)}"
    yield f'(cd .{here} && dvc cache dir --quiet --local "$cache{here}/.dvc/cache")'
    listed = " ".join(map(shlex.quote, files))
    brought = f"dvc checkout --quiet {listed} 2>/dev/null || dvc pull --quiet {listed}"
    yield f"(cd .{here} && {{ {brought}; }})" if here else brought


def _command(original: Original) -> Iterator[str]:
    record = original.record
    if record.directory:
        yield f"cd {shlex.quote(record.directory)}"
    command = record.command
    yield "# the command"
    yield command[0] if is_shell_line(command) else shlex.join(command)


def _wrapped(command: str, paths: Iterable[str]) -> Iterator[str]:
    """Yield a command with a path a line."""
    yield f"{command} \\"
    quoted = [shlex.quote(path) for path in paths]
    yield from (f"  {path} \\" for path in quoted[:-1])
    yield f"  {quoted[-1]}"
