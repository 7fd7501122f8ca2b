"""What a run is on its way from a request to a commit: six values, each made from the one before.

`start/` turns a Request into a Plan and a Plan into what is Started, the command runs,
`record/` finds its Outcome and, for pipelines, what was Reproduced, and makes the commit
that the Ending tells of. Nothing else is handed from step to step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct, field

from gitexp.data.pipelines import Pipeline
from gitexp.data.pointers import Pointer
from gitexp.execution.command.child import Ended
from gitexp.execution.work_tree.files import Signature
from gitexp.execution.work_tree.ignored import Ignored
from gitexp.execution.work_tree.links import Links
from gitexp.execution.work_tree.snapshot import Snapshot
from gitexp.execution.work_tree.watched import Opened, WatchedPointer, nothing_opened
from gitexp.git.plain_files import PlainFiles
from gitexp.model.hypothesis import Hypothesis
from gitexp.model.marks import LOGGED_FOLDER
from gitexp.model.message import Before
from gitexp.model.override import Override
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.model.record import Documents, Job, RunRecord, Status
from gitexp.model.sweep_point import SweepPoint
from gitexp.model.system import FILE as SYSTEM
from gitexp.model.system import Row, rows_in
from gitexp.project import Project
from gitexp.revisions.roles import Declared
from gitexp.store.stored_run import StoredRun


class Request(Struct, frozen=True):
    """What a person asked for."""

    command: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    name: str | None = None
    message: str = ""
    timeout: float | None = None
    """Seconds."""
    allow_secrets: bool = False
    allow_held_out: bool = False
    """Whether the command may read what `held_out:` names."""
    expect: str | None = None
    """What the run is expected to show, in the language of `--expect`."""
    tags: tuple[str, ...] = ()
    """What tells the run from others from the beginning."""
    rerun_of: str | None = None
    """The id of the run that is made again."""
    alone: bool = False
    """Whether the command began the run itself, by `gitexp.start()`."""
    unrecorded: bool = False
    """Whether the commit is only to be looked at: no ref will hold it."""
    around: tuple[str, ...] = ()
    """The ids of runs elsewhere that this one is started by, from the outermost."""
    job: Job | None = None
    """The scheduler's, if there is one."""
    sweep: str | None = None
    """The id of the sweep that the run is a point of."""
    point: SweepPoint | None = None
    definition: str = ""
    """The text of the sweep's definition, which each of its runs holds."""
    progress: str | None = None
    """The file that the command is to report to while it runs, from the project's folder; '' for
    one outside of the project; None if nobody listens."""


class Plan(Struct, frozen=True):
    """What is going to happen."""

    id: str
    name: str
    request: Request
    command: tuple[str, ...]
    """As it was typed; empty if the work tree is recorded as it is."""
    argv: tuple[str, ...]
    """As it is started."""
    baseline: str
    edits: Mapping[str, bytes] = field(default_factory=dict)
    """New contents of params files, by path in the project."""
    before: Mapping[str, bytes] = field(default_factory=dict)
    """The contents that the new ones were made from."""
    overrides: tuple[Override, ...] = ()
    """Those that are applied to files as they are."""
    composed: str | None = None
    """The params file that Hydra composes, if one does."""
    hypothesis: Hypothesis | None = None
    others_wait: bool = False
    """Whether runs wait whose branch could not be moved."""
    earlier: str | None = None
    """The name of the attempt that this one follows, in a job that was put into the queue again."""
    held_out: tuple[ProjectPath, ...] = ()
    """The data under `held_out` that the command or its params name, which was allowed."""

    def unseen(self, held_out: tuple[TopPath, ...]) -> tuple[TopPath, ...]:
        """Return the held-out data that the command may not see."""
        return () if self.request.allow_held_out else held_out


class Started(Struct, frozen=True):
    """What was found before a command starts, kept so that nothing later can change it."""

    project: Project
    plan: Plan
    snapshot: Snapshot
    commit: str
    """The snapshot's commit, under `refs/gitexp/running/`; empty if no command will run."""
    declared: Declared
    params: Documents
    """As they were at the start."""
    watched: tuple[WatchedPointer, ...]
    """Data behind pointers."""
    ignored: Ignored
    environment: Mapping[str, str]
    """The variables that the command sees."""
    scratch: Path
    tell: Callable[[str], None]
    """Takes notes and warnings as they come up."""
    opened: Opened = nothing_opened
    """Returns the held-out data that was opened since the start."""
    read: Opened = nothing_opened
    """Returns the files of earlier runs that were, pointers in place of their data."""
    metrics: Documents = field(default_factory=dict)
    """Metrics that git ignores, as they were at the start, by path from the top."""
    links: Links = Links()
    outside: Mapping[str, Signature] = field(default_factory=dict)
    """Values and outputs outside of the repository that links lead to, by the links' names."""
    beside: tuple[str, ...] = ()
    """The names of earlier runs whose processes were still running in this work tree."""
    is_late: bool = False
    """Whether it is recorded by another gitexp than the one that began it."""
    plain: PlainFiles | None = None
    """What knows which files git keeps byte for byte; None if git is to be asked each time."""

    @property
    def log(self) -> Path:
        """The whole output of the command."""
        return self.scratch / "output.log"

    @property
    def reports(self) -> Path | None:
        """The file that the command reports to while it runs; None if nobody listens."""
        return reports_of(self.project, self.plan, self.scratch)

    @property
    def logged(self) -> Path:
        """The folder that the command logs to with gitexp itself."""
        return self.scratch / LOGGED_FOLDER

    @property
    def steps(self) -> Path:
        """What counted of those reports, if somebody listens."""
        return self.scratch / "steps.jsonl"

    def rows(self) -> list[Row]:
        """Return what the command has used of the machine, as far as it was looked at."""
        file = self.scratch / SYSTEM
        return rows_in(file.read_bytes()) if file.exists() else []

    @property
    def since(self) -> int:
        """When all this was written down, in ns, just before the command started; 0 without one."""
        if not self.plan.command:
            return 0
        return (self.scratch / "started.json").stat().st_mtime_ns

    def is_written(self, path: str, now: Signature) -> bool:
        """Return whether a file was written since all this was written down, as it is now."""
        before = self.snapshot.signatures.get(path)
        skipped = self.snapshot.skipped
        if before is None and path in self.snapshot.entries and path not in skipped:
            return 0 < self.since <= now[1]  # else the index could not tell: see `overlooked`
        return before != now


def reports_of(project: Project, plan: Plan, scratch: Path) -> Path | None:
    """Return the file that a command reports to while it runs; None if nobody listens."""
    name = plan.request.progress
    if name is None:
        return None
    return project.root / name if name else scratch / "reports.jsonl"


class Reproduced(Struct, frozen=True):
    """What `dvc.lock` vouches for at the end of a run; paths are from the top."""

    deps: tuple[Pointer, ...] = ()
    outs: tuple[Pointer, ...] = ()
    """Outs that DVC keeps."""
    confirmed: frozenset[str] = frozenset()
    """Metrics and plots of stages that DVC had no need to run, or has run."""


NOTHING = Reproduced()


class Outcome(Struct, frozen=True):
    """The paths that a command wrote, from the top of the repository."""

    written: tuple[str, ...]
    """Outputs, whatever becomes of them; none that is already behind a pointer."""
    existed: frozenset[str]
    """Those of them that were there before."""
    absent: tuple[str, ...]
    """Metrics, plots and declared outputs of the snapshot that this run did not write."""
    pointers: tuple[WatchedPointer, ...]
    """Pointers whose data was written."""
    changed_meanwhile: tuple[str, ...]
    left_out: tuple[str, ...]
    folders: tuple[str, ...] = ()
    """Folders that are new as a whole."""
    ignored_models: tuple[str, ...] = ()
    """Written, but ignored by git and not named by the configuration."""
    reproduced: Reproduced = NOTHING
    pipeline: Pipeline = Pipeline()
    """What a `dvc.yaml` that changed says of values at the end."""
    links: Links = Links()
    """Where links lead at the end."""
    relinked: tuple[str, ...] = ()
    """The links that the command made."""
    outside: tuple[str, ...] = ()
    """What was written through links outside of the repository, by the links' names, or in another
    repository inside of it."""
    in_data: tuple[str, ...] = ()
    """Params and metrics among data behind pointers that were written."""
    repositories: tuple[str, ...] = ()
    """Folders that the command made git repositories of their own."""
    notes: tuple[str, ...] = ()
    """What the record says of the end, in words."""
    read: tuple[str, ...] = ()
    """What earlier runs left and this one read: files and pointers."""


class Ending(Struct, frozen=True):
    """How a command ended, and what was recorded of it."""

    ended: Ended
    run: StoredRun
    previous: Before
    """What its changes are measured from."""
    notes: tuple[str, ...] = ()
    """What is to be reported once that is."""

    @property
    def record(self) -> RunRecord:
        """The run, as it was recorded."""
        return self.run.record


def status_of(ended: Ended) -> Status:
    """Return how a run ended, in a word."""
    if ended.reason is not None:
        return "interrupted"
    return "done" if ended.code == 0 else "failed"
