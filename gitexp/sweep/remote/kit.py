"""What a worker needs to make the runs of a sweep without seeing the repository.

That is a pack with three commits at most, which the sweep is frozen in, and a few files; the
history that they have at home stays there. The worker makes a repository of it, in which the same
code works as here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct, msgpack

from gitexp.errors import GitexpError
from gitexp.execution.start.standing import Frozen
from gitexp.git.packs import add_many, packed_commits
from gitexp.git.plain_files import filtered
from gitexp.git.refs import create
from gitexp.git.repository import Repository
from gitexp.git.trees import SUBMODULE_MODE
from gitexp.model.numbers import size_text
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.revisions.roles import Declared
from gitexp.revisions.written_before import earlier_outputs
from gitexp.store.own import SWEEPS, own_folder
from gitexp.sweep.freeze import read_frozen
from gitexp.sweep.remote.objects import (
    Caches,
    keep_caches_inside,
    objects_of,
    put_objects,
    read_objects,
)
from gitexp.sweep.remote.versions import Versions, versions_here
from gitexp.sweep.sweep import Sweep

MOST_BYTES = 200_000_000
"""What is sent to each worker; data beyond that comes from the DVC remote."""
_USER = ("user.name", "user.email")


class Kit(Struct, frozen=True):
    """What is sent to each worker once."""

    key: str
    """Names it: two kits with one name are the same, and come from one clone."""
    sweep: str
    project: str
    """The project's folder, from the top."""
    versions: Versions
    object_format: str
    baseline: str
    commit: str
    pack: bytes
    files: Mapping[str, bytes]
    """What lies in the folder of a sweep."""
    settings: Mapping[str, str]
    """Of git: who the user is."""
    caches: Caches
    """Objects of DVC's caches; empty if they are to be fetched from a remote."""

    def to_bytes(self) -> bytes:
        """Return the kit as it is sent."""
        return msgpack.encode(self)

    @classmethod
    def from_bytes(cls, content: bytes) -> Kit:
        """Read what was sent."""
        return msgpack.decode(content, type=cls)


def make_kit(project: Project, sweep: Sweep) -> Kit:
    """Return what workers need for a sweep that is frozen here.

    Raises GitexpError for what they could not have: submodules, copied files, too much.
    """
    repository = project.repository
    frozen = read_frozen(repository, sweep.id)
    commit = repository.objects.commit(f"{SWEEPS}{sweep.id}")
    if frozen is None or commit is None:
        raise GitexpError(
            f"no sweep '{sweep.id}' is under way here",
            hint="`gitexp sweep --resume` goes on with one that has runs.",
        )
    check_sendable(project, frozen)
    parents = repository.line("rev-parse", f"{commit}^@").split()
    pack = packed_commits(repository, [commit, *parents])
    if len(pack) > MOST_BYTES:
        raise GitexpError(
            f"the files of the project are {size_text(len(pack))} when packed, and workers are "
            f"sent {size_text(MOST_BYTES)} at most",
            hint="`gitexp track` puts large ones behind pointers.",
        )
    objects = objects_of(project, frozen.data)
    is_small = len(pack) + sum(one.size for one in objects) <= MOST_BYTES
    folder = own_folder(repository).sweeps / sweep.id
    return Kit(
        key=f"{sweep.id}-{commit[:20]}",
        sweep=sweep.id,
        project=sweep.project,
        versions=versions_here(),
        object_format=repository.object_format,
        baseline=frozen.baseline,
        commit=commit,
        pack=pack,
        files={one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()},
        settings={name: repository.config.get(name, "gitexp") for name in _USER},
        caches=read_objects(objects) if is_small else {},
    )


def check_sendable(project: Project, frozen: Frozen) -> None:
    """Raise GitexpError for what a sweep begins with and workers cannot have."""
    if frozen.copied:
        raise GitexpError(
            f"'{frozen.copied[0]}' is copied from this disk (`-C`), which workers do not see",
            hint="Install it where the workers run, or put it behind a pointer: `gitexp track`.",
        )
    entries = frozen.snapshot.entries
    module = next((path for path, one in entries.items() if one.mode == SUBMODULE_MODE), None)
    if module is not None:
        raise GitexpError(
            f"'{module}' is a submodule, and workers get this repository alone",
            hint="Use agents on a shared disk: `gitexp sweep --agent --resume SWEEP`.",
        )
    kept = min(_filtered(project, entries), default=None)
    if kept is not None:
        raise GitexpError(
            f"'{kept}' is kept by a filter of git, such as Git LFS, which workers do not have",
            hint="`gitexp track` puts it behind a pointer; or use agents on a shared disk: "
            "`gitexp sweep --agent --resume SWEEP`.",
        )
    unknown = [path for path in entries if path not in frozen.snapshot.tracked]
    declared = Declared(project)
    earlier = earlier_outputs(project, unknown) if unknown else ()
    written = sorted(path for path in earlier if not declared.is_output(path))
    if written:
        raise GitexpError(
            f"'{project.name(TopPath(written[0]))}' was written by a run and is not in git: "
            "workers would take it for an input",
            hint="Commit it, remove it, or name it under `outputs:` in gitexp.yaml.",
        )


def _filtered(project: Project, paths: Iterable[str]) -> set[str]:
    """Return the files of which git holds something else than their bytes."""
    names = project.repository.config
    is_any = any(name.startswith("filter.") for name in names)
    return filtered(project.repository, paths) if is_any else set()


def unpack(kit: Kit, place: Path) -> None:
    """Make a repository of a kit in a new folder, as the user's is as far as runs can see."""
    repository = Repository.made(place, kit.object_format)
    with repository:
        (repository.git_dir / "shallow").write_text(f"{kit.baseline}\n")
        add_many(repository, kit.pack)
        for name, value in kit.settings.items():
            repository.git("config", name, value)
        repository.git("config", "gc.auto", "0")
        create(repository, f"{SWEEPS}{kit.sweep}", kit.commit, reason="gitexp: for a sweep")
        repository.git("update-ref", "--no-deref", "HEAD", kit.baseline)
        repository.git("read-tree", "-u", "--reset", kit.commit)
        repository.git("read-tree", kit.baseline)
        folder = own_folder(repository).made().sweeps / kit.sweep
        folder.mkdir(parents=True)
        for name, content in kit.files.items():
            (folder / name).write_bytes(content)


def bring_data(kit: Kit, project: Project, frozen: Frozen) -> None:
    """Have the data of a sweep in the caches of a worker.

    Raises GitexpError if that is neither in the kit nor to be had from a remote.
    """
    keep_caches_inside(project)
    put_objects(project, kit.caches)
    if not frozen.data:
        return
    from gitexp.pointers.source import ProjectData  # noqa: PLC0415 - 20 ms, where there is data

    with ProjectData(project) as source:
        reason = source.fetch_missing(frozen.data)
        missing = [one for one in frozen.data if not source.is_sound(one)]
    if missing:
        raise GitexpError(
            f"worker on {versions_here().host} cannot get '{missing[0].path}' from the DVC remote: "
            f"{reason or 'the remote does not have it'}",
            hint="`dvc push` sends data there; the remote has to be one that workers reach, and "
            "what gives access to it has to be set on them.",
        )
