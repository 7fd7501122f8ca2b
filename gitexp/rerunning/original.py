"""What a run began with, found in its commit: its tree without what the command wrote."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from msgspec import Struct
from msgspec.structs import replace

from gitexp.data.ignore import without_ignored
from gitexp.data.pointers import Pointer, parse_dvc_file
from gitexp.errors import GitexpError
from gitexp.git.commits import write_blobs
from gitexp.git.edited import edited_tree
from gitexp.git.repository import Repository
from gitexp.git.trees import LINK_MODE, Entry, is_below, tree_entries
from gitexp.handover.contents import read_contents
from gitexp.model.imported import check_has_code
from gitexp.model.paths import ProjectPath
from gitexp.model.record import NO_FILES, RunRecord
from gitexp.pointers.ground import links_in, prefixes
from gitexp.pointers.stored import ignore_file
from gitexp.project import Project
from gitexp.revisions.by_name import is_record
from gitexp.revisions.roles import Declared
from gitexp.store.stored_run import StoredRun


class Original(Struct, frozen=True):
    """A run as it can be made again. Paths are from the top of the repository."""

    run: StoredRun
    record: RunRecord
    head: str
    """The commit that HEAD will be at: the baseline, or the run itself if that is not here."""
    tree: str
    """The oid of what the work tree will hold."""
    entries: Mapping[str, Entry]
    base: Mapping[str, Entry]
    """What the index will hold: the files of `head`."""
    onto: str | None = None
    """The rev whose code is taken, as it was typed."""

    @property
    def may_read_held_out(self) -> bool:
        """Whether the run was allowed to read what no training may see, and did."""
        return bool(self.record.extra.get("read_held_out"))

    @property
    def has_baseline(self) -> bool:
        """Whether HEAD will be where it was, or where it was asked to be."""
        return self.head != self.run.oid


def read_original(
    project: Project, run: StoredRun, *, onto: str | None = None, may_lack: Collection[str] = ()
) -> Original:
    """Return what a run began with; raises GitexpError for one that cannot be made again.

    `may_lack` are paths that the run left out and that come from elsewhere.
    """
    record = run.record
    read_contents(project, run)  # raises for a run of another project
    if onto is None:
        check_has_code(record)
    _check_whole(run, record, may_lack)
    if onto is not None:
        original = _onto(project, run, record, onto)
    else:
        original = _as_it_was(project, run, record)
    check_setup(original)
    return original


def _check_whole(run: StoredRun, record: RunRecord, may_lack: Collection[str]) -> None:
    if not record.command:
        imported = "imported" in record.extra
        how = "was imported without one" if imported else "records what was there, by `gitexp save`"
        raise GitexpError(
            f"run '{run.name}' has no command to run again: it {how}",
            hint=f"`gitexp apply {run.name}` brings its files here; `gitexp run` runs a command.",
        )
    lacking = [path for path in record.left_out if path not in may_lack]
    if lacking:
        listed = ", ".join(f"'{path}'" for path in lacking)
        raise GitexpError(
            f"run '{run.name}' is not whole: it left out {listed}",
            hint=f"Take what is here now with `--copy {lacking[0]}`, or go on with `--incomplete`.",
        )


def _as_it_was(project: Project, run: StoredRun, record: RunRecord) -> Original:
    repository = project.repository
    tree = tree_entries(repository, run.oid)
    baseline = repository.objects.commit(record.baseline) if record.baseline else None
    base = tree_entries(repository, baseline) if baseline is not None else {}
    changes = _without_outputs(project, record, tree, base)
    changed = edited_tree(repository, run.oid, changes)
    entries = _changed(tree, changes)
    if baseline is None:
        return Original(run, record, run.oid, changed, entries, entries)
    return Original(run, record, baseline, changed, entries, base)


def _onto(project: Project, run: StoredRun, record: RunRecord, onto: str) -> Original:
    """Return the code and the data of a rev, with the params files of the run."""
    repository = project.repository
    head = repository.objects.commit(onto) if onto and not onto.startswith("-") else None
    if head is None:
        raise GitexpError(
            f"no rev '{onto}'", hint="`--onto` takes a branch, a tag or a commit; try `git log`."
        )
    base = tree_entries(repository, head)
    folder = project.path(ProjectPath(""))
    if folder and not any(is_below(folder.rstrip("/"), path) for path in base):
        raise GitexpError(f"'{onto}' has no folder '{folder.rstrip('/')}'")
    tree = tree_entries(repository, run.oid)
    params = (project.path(ProjectPath(name)) for name in record.params if name not in NO_FILES)
    changes: dict[str, Entry | None] = {path: None for path in base if is_record(path)}
    changes |= {path: tree[path] for path in params if path in tree}
    changed = edited_tree(repository, head, changes)
    return Original(run, record, head, changed, _changed(base, changes), base, onto)


def _changed(tree: Mapping[str, Entry], changes: Mapping[str, Entry | None]) -> dict[str, Entry]:
    merged = {**tree, **changes}
    return {path: entry for path, entry in merged.items() if entry is not None}


def _without_outputs(
    project: Project, record: RunRecord, tree: Mapping[str, Entry], base: Mapping[str, Entry]
) -> dict[str, Entry | None]:
    """Return what turns the tree of a run into what its command found.

    What it wrote is as the baseline has it, or not there. So is the pointer of data that it
    wrote; if the pointer is new, git does not ignore that data yet.
    """
    changes: dict[str, Entry | None] = {path: None for path in tree if is_record(path)}
    noticed: list[str] = []
    for name in record.outputs:
        path = project.path(ProjectPath(name))
        pointer = f"{path}.dvc"
        for one in (path, pointer):
            if one in tree or one in base:
                changes[one] = base.get(one)
        if pointer in tree and pointer not in base:
            noticed.append(path)
    return {**changes, **_noticed(project.repository, tree, noticed)}


def _noticed(
    repository: Repository, tree: Mapping[str, Entry], paths: Iterable[str]
) -> dict[str, Entry | None]:
    """Return the `.gitignore` files without the lines that keep git away from these paths."""
    contents: dict[str, bytes] = {}
    for path in paths:
        file = ignore_file(path)
        entry = tree.get(file)
        if entry is None or entry.mode == LINK_MODE:
            continue
        before = contents.get(file) or repository.objects.blob(entry.oid) or b""
        contents[file] = without_ignored(before, PurePosixPath(path).name)
    kept = {file: content for file, content in contents.items() if content}
    with TemporaryDirectory(prefix="gitexp-") as scratch:
        oids = write_blobs(repository, list(kept.values()), Path(scratch))
    found: dict[str, Entry | None] = dict.fromkeys(contents)
    for file, oid in zip(kept, oids, strict=True):
        found[file] = replace(tree[file], oid=oid)
    return found


def check_setup(original: Original) -> None:
    """Raise GitexpError where a link of the tree would lead what gitexp writes somewhere else."""
    for path in links_in(original.entries):
        if ".dvc" in path.casefold().split("/"):
            raise GitexpError(
                f"run '{original.run.name}' cannot be run again: '{path}' is a link",
                hint="DVC's settings would be written through it; look at who made that commit.",
            )
    place = PurePosixPath(original.record.directory)
    if place.is_absolute() or ".." in place.parts:
        raise GitexpError(
            f"run '{original.run.name}' cannot be run again: it ran in '{place}', "
            "which is outside of the repository"
        )
    above = next((one for one in prefixes(str(place)) if one in links_in(original.entries)), None)
    if above is not None:
        raise GitexpError(
            f"run '{original.run.name}' cannot be run again: '{above}', where it ran, is a link"
        )


def needed_data(project: Project, original: Original) -> tuple[list[Pointer], list[Pointer]]:
    """Return the data that the command finds: what it needs, and what it will write over.

    What is held out now, it does not find, unless it was allowed to read that.
    """
    outputs = {project.path(ProjectPath(name)) for name in original.record.outputs}
    needed: list[Pointer] = []
    spare: list[Pointer] = []
    held_out = Declared(project).is_held_out
    for pointer in pointers_in(project, original.entries):
        if held_out(pointer.path) and not original.may_read_held_out:
            continue
        (spare if pointer.path in outputs else needed).append(pointer)
    return needed, spare


def pointers_in(project: Project, entries: Mapping[str, Entry]) -> Iterator[Pointer]:
    folders = project.recorded_folders()
    for path, entry in entries.items():
        inside = any(is_below(folder, path) for folder in folders)
        if inside and path.endswith(".dvc") and ".dvc" not in path.split("/"):
            content = project.repository.objects.blob(entry.oid) or b""
            for pointer in parse_dvc_file(content, path):
                if "://" not in pointer.path and not pointer.path.startswith("/"):
                    yield pointer
