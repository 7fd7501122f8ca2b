"""A run's model on data that was held out: run in isolation, and kept as a late fact."""

from __future__ import annotations

import contextlib
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct, field

from gitexp.data.pointers import parse_dvc_file
from gitexp.errors import GitexpError
from gitexp.execution.command.child import Ended
from gitexp.execution.run import execute
from gitexp.execution.stages import Request
from gitexp.execution.start.held_out import check_has_pointer
from gitexp.execution.start.prepare import prepare
from gitexp.git.commits import write_blobs
from gitexp.git.edited import edited_tree
from gitexp.git.trees import Entry, tree_entries
from gitexp.handover.contents import read_contents
from gitexp.model.evaluation import Evaluation, evaluation_value
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.model.record import RunRecord
from gitexp.project import Project
from gitexp.rerunning.original import Original, check_setup, pointers_in
from gitexp.rerunning.place import work_tree_of
from gitexp.revisions.by_name import is_record
from gitexp.settings.config import CONFIG_NAME
from gitexp.store import facts
from gitexp.store.stored_run import StoredRun

Tell = Callable[[str], None]


class Evaluated(Struct, frozen=True):
    """How the command of an evaluation ended, and what it came to if it ended well."""

    ended: Ended
    evaluation: Evaluation | None
    looks: Mapping[str, int] = field(default_factory=dict)
    """How often the data was looked at by now, by path."""


class Wanted(Struct, frozen=True):
    """What a person asked for."""

    command: tuple[str, ...]
    timeout: float | None = None
    """Seconds."""
    although_read: bool = False
    """Whether a run that has read held-out data may be evaluated on it."""


def evaluate(project: Project, run: StoredRun, wanted: Wanted, tell: Tell) -> Evaluated:
    """Run a command on what a run wrote and on the held-out data, and say of the run what came.

    The tree is the run's own, but for the settings, the pointers of the held-out data, and
    files of the work tree that the command names. Raises GitexpError before the command starts
    for a run that cannot be evaluated, and after it if it wrote no metrics.
    """
    record = _checked(project, run, wanted)
    held = _held_out(project)
    original, code = _arranged(project, run, record, held, wanted.command)
    written = {project.path(ProjectPath(path)) for path in record.outputs}
    needed = written.union(map(project.path, map(ProjectPath, held)))
    pointers = list(pointers_in(project, original.entries))
    data = (
        [one for one in pointers if one.path in needed],
        [one for one in pointers if one.path not in needed],
    )
    with work_tree_of(project, original, (), tell, data=data) as copy:
        request = Request(
            command=wanted.command,
            timeout=wanted.timeout,
            allow_held_out=True,
            unrecorded=True,
        )
        ending = execute(copy, prepare(copy, request), tell)
    if ending.record.status != "done":
        return Evaluated(ending.ended, None)
    metrics = _together(ending.record)
    if not metrics:
        raise GitexpError(
            f"the evaluation of '{run.name}' wrote no metrics, so nothing is kept of it",
            hint="`metrics:` in gitexp.yaml says which files hold them.",
        )
    found = Evaluation(
        metrics=metrics,
        held_out=held,
        command=wanted.command,
        code=code,
        started=ending.record.started,
        ended=ending.record.ended,
    )
    before = _looks(project)
    facts.append(project.repository, [(run, "evaluate", evaluation_value(found))])
    looks = {path: before[md5] + 1 for path, md5 in held.items()}
    return Evaluated(ending.ended, found, looks)


def _looks(project: Project) -> Counter[str]:
    """Return how often models were evaluated on held-out data, by its hash."""
    runs = project.runs.index.evaluated(project.folder)
    told = (one.held_out.values() for run in runs for one in run.facts.evaluations)
    return Counter(md5 for held in told for md5 in set(held))


def _checked(project: Project, run: StoredRun, wanted: Wanted) -> RunRecord:
    read_contents(project, run)  # raises for a run of another project
    record = run.record
    if record.status != "done":
        raise GitexpError(
            f"run '{run.name}' is {record.status}, so it has no model to evaluate",
            hint='`gitexp ls --where "status = done"` lists those that have one.',
        )
    read = record.extra.get("read_held_out")
    if read and not wanted.although_read:
        shown = ", ".join(f"'{path}'" for path in read if isinstance(path, str))
        raise GitexpError(
            f"run '{run.name}' has read {shown}, which is held out",
            hint="Its model has seen the answers; `--allow-held-out` evaluates it all the same.",
        )
    return record


def _held_out(project: Project) -> dict[str, str]:
    """Return the held-out data with its hashes, as its pointers in the work tree have them."""
    paths = [ProjectPath(path) for path in project.config.held_out]
    if not paths:
        raise GitexpError(
            "no data is held out to evaluate on",
            hint="Name it in gitexp.yaml: `held_out: [data/test.csv]`.",
        )
    found: dict[str, str] = {}
    for path in paths:
        check_has_pointer(project, path)
        name = project.path(ProjectPath(f"{path}.dvc"))
        content = (project.repository.top / name).read_bytes()
        pointers = parse_dvc_file(content, name)
        if not pointers:
            raise GitexpError(
                f"'{name}' points to nothing", hint=f"`gitexp track {path}` writes it again."
            )
        found[path] = pointers[0].md5
    return found


def _arranged(
    project: Project,
    run: StoredRun,
    record: RunRecord,
    held: dict[str, str],
    command: Sequence[str],
) -> tuple[Original, dict[str, str]]:
    """Return the tree that is evaluated, and what in it is not the run's own code."""
    repository = project.repository
    entries = tree_entries(repository, run.oid)
    ours = [project.path(ProjectPath(f"{path}.dvc")) for path in held]
    code = list(dict.fromkeys(_named_files(project, command)))
    if (project.root / CONFIG_NAME).is_file():
        ours.append(project.path(CONFIG_NAME))
    brought = _blobs(project, [*ours, *code])
    changes: dict[str, Entry | None] = {path: None for path in entries if is_record(path)}
    changes |= brought
    merged = {**entries, **changes}
    original = Original(
        run=run,
        record=record,
        head=run.oid,
        tree=edited_tree(repository, run.oid, changes),
        entries={path: one for path, one in merged.items() if one is not None},
        base=entries,
    )
    check_setup(original)
    different: dict[str, str] = {
        path: brought[path].oid for path in code if brought[path] != entries.get(path)
    }
    return original, different


def _named_files(project: Project, command: Sequence[str]) -> Iterator[TopPath]:
    """Yield the files of the work tree that the words of a command name: what evaluates."""
    top = project.repository.top
    words = command[0].split() if len(command) == 1 else command
    for word in words:
        place = (top / project.directory / word).absolute()
        with contextlib.suppress(OSError):  # a program after `-c` may be longer than any name
            if place.is_file() and not place.is_symlink() and place.resolve().is_relative_to(top):
                yield TopPath(place.resolve().relative_to(top).as_posix())


def _blobs(project: Project, paths: Sequence[TopPath]) -> dict[str, Entry]:
    """Write files of the work tree as git's objects, which nothing refers to."""
    places = [project.repository.top / path for path in paths]
    with TemporaryDirectory(prefix="gitexp-") as scratch:
        contents = [place.read_bytes() for place in places]
        oids = write_blobs(project.repository, contents, Path(scratch))
    return {
        path: Entry("100755" if place.stat().st_mode & stat.S_IXUSR else "100644", oid)
        for path, place, oid in zip(paths, places, oids, strict=True)
    }


def _together(record: RunRecord) -> dict[str, object]:
    """Return the metrics of all files; of a name in two, the later file's."""
    return {name: value for values in record.metrics.values() for name, value in values.items()}
