"""The value that describes one run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Literal

from msgspec import Struct, field

from gitexp.model.evaluation import Evaluation
from gitexp.model.hypothesis import Hypothesis
from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.sweep_point import SweepPoint
from gitexp.model.system import Usage
from gitexp.model.values import Value
from gitexp.model.verification import Verified

COMMAND_FILE = "command"
"""The file name under which the params of a command line are recorded."""

TRACKERS = ("mlflow", "wandb", "tensorboard")
"""The file names under which is recorded what a command logged with these."""
LOGGED = "logged"
"""The file name under which is recorded what a command logged with gitexp itself."""
IMPORTED_FROM = (*TRACKERS, "aim", "guild", "neptune-export", "sacred", "csv")
"""The file names under which is recorded what was imported from these."""
NO_FILES = frozenset({COMMAND_FILE, LOGGED, *IMPORTED_FROM})
"""Names under which params are recorded that no file of the project holds."""

LARGEST_METRICS = 1_000_000
"""Bytes of a metrics file that is still embedded in the record."""

INPUTS_VERSION = 2
"""The version of the definition of what decides a result."""

_AS_WRITTEN = len("2026-01-02T03:04:05.678Z")
"""What `time_text` makes, and what nearly all times are; read without looking for patterns."""
_FRACTION = lazy_pattern(r"\.\d+")

Status = Literal["done", "failed", "interrupted"]
Role = Literal["input", "output"]
Documents = Mapping[str, dict[str, Value]]
"""Nested values by the path of their file, relative to the project's folder."""


class Exit(Struct, frozen=True):
    """How the command ended."""

    code: int | None
    """Its exit status, if it exited by itself."""
    signal: str | None = None
    """The name of the signal that killed it, such as 'SIGTERM'."""
    reason: str | None = None
    """'timeout', 'pruned' (a sweep saw that nothing would come of it), 'stopped' (`gitexp stop`
    asked for it), 'signal' (gitexp was told to stop) or 'lost' (nobody saw the end)."""


class Inputs(Struct, frozen=True):
    """What decides a result, as one tree oid."""

    oid: str
    version: int = INPUTS_VERSION
    excluded: tuple[str, ...] = ()
    """The paths of the run's tree that are not inputs."""


def inputs_text(inputs: Inputs) -> str:
    """Return what decides a result on one line, as it stands in the trailer."""
    return f"v{inputs.version}:{inputs.oid}"


class DataPointer(Struct, frozen=True):
    """What a DVC pointer said of one path during a run."""

    path: str
    md5: str
    size: int | None = None
    nfiles: int | None = None
    role: Role = "input"
    changed: bool = False
    """Whether an input changed while it was being read."""


class Resources(Struct, frozen=True):
    """What the command used; None if the system did not say."""

    cpu_seconds: int | float | None = None  # read by its type: 1 has to stay 1
    peak_memory: int | None = None
    """Bytes resident at the highest."""


class Job(Struct, frozen=True):
    """The job of a scheduler that a run was part of."""

    scheduler: str
    id: str
    """As it is asked for, with the task of an array; unique for its scheduler."""
    restarts: int | None = None
    """How often it had been started before; None if the scheduler does not say."""
    attempt: int = 1
    """Which run of this name it was in the job."""
    earlier: str | None = None
    """The id of the run that was the attempt before."""

    def is_same(self, other: Job | None) -> bool:
        """Return whether another run was part of the same job."""
        return other is not None and (self.scheduler, self.id) == (other.scheduler, other.id)


def attempt_text(job: Job) -> str:
    """Return which attempt of which job a run was.

    >>> attempt_text(Job("slurm", "17", restarts=1, attempt=2))
    'attempt 2 of job 17 (slurm)'
    """
    return f"attempt {job.attempt} of job {job.id} ({job.scheduler})"


class Machine(Struct, frozen=True):
    """What the command ran on, and how its process was set up; None where that is not known."""

    cpu: str | None = None
    """The processor's name."""
    cores: int | None = None
    """Those that the command may use."""
    memory: int | None = None
    """Bytes that it may use, to the next 64 MiB."""
    gpus: tuple[str, ...] = ()
    driver: str | None = None
    cuda: str | None = None
    """The newest that the driver can do."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Settings of threads and determinism, as the command's own process had them."""


class Comment(Struct, frozen=True):
    """What somebody wrote about a run afterwards."""

    text: str
    by: str
    """Name and email address, as git writes them."""
    time: str
    """RFC 3339, UTC."""


class RunRecord(Struct, frozen=True):
    """One execution of a command, whole."""

    id: str
    name: str
    status: Status
    exit: Exit
    command: tuple[str, ...]
    """As it was typed; a single word with spaces went to the shell. Empty for `gitexp save`."""
    baseline: str
    inputs: Inputs
    started: str
    """RFC 3339, UTC."""
    ended: str
    gitexp: str = ""
    """The version of gitexp that recorded the run."""
    message: str = ""
    project: str = ""
    """The project's folder, relative to the repository; '' at its top."""
    directory: str = ""
    """Where the command ran, relative to the repository."""
    outputs: tuple[str, ...] = ()
    changed_meanwhile: tuple[str, ...] = ()
    overwritten: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    """Paths that could not or must not be recorded."""
    host: str | None = None
    user: str | None = None
    python: str | None = None
    platform: str | None = None
    environment: str | None = None
    """The interpreter whose packages stand in `environment.txt`."""
    machine: Machine | None = None
    """Not written if it is not known: a run of an older gitexp stays what it was."""
    resources: Resources = Resources()
    system: Mapping[str, Usage] = field(default_factory=dict)
    """What its processes used while it went on, by what that is."""
    params: Documents = field(default_factory=dict)
    metrics: Documents = field(default_factory=dict)
    series: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is asked of the logged curves most often, by key: count, last, min and max, and the
    steps of these; the curves stand in `.gitexp/series/`. Not written if nothing was logged."""
    figures: Mapping[str, str] = field(default_factory=dict)
    """The pictures that were logged: their files in `.gitexp/figures/`, by what they are called."""
    artifacts: tuple[str, ...] = ()
    """Files and folders that the script named as its own with `gitexp.artifact`."""
    pointers: tuple[DataPointer, ...] = ()
    tags: tuple[str, ...] = ()
    read: Mapping[str, str] = field(default_factory=dict)
    """What earlier runs wrote into git and this one read, by path: their ids, '' if unknown."""
    sweep: str | None = None
    """The id of the sweep that it is a run of."""
    point: SweepPoint | None = None
    """Which point of the sweep it is."""
    job: Job | None = None
    notes: tuple[str, ...] = ()
    """What casts a doubt on the run, in words."""
    hypothesis: Hypothesis | None = None
    """What was expected of the run, and whether it came so."""
    comments: tuple[Comment, ...] = ()
    """A late fact: never part of `run.json`."""
    verified: Verified | None = None
    """A late fact as well."""
    evaluations: tuple[Evaluation, ...] = ()
    """What its models came to on held-out data: a late fact, too."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of a newer gitexp, kept as they came."""

    @property
    def held_out(self) -> Mapping[str, float]:
        """The numbers of the last evaluation, by flat name."""
        return self.evaluations[-1].numbers if self.evaluations else {}

    @property
    def verdict(self) -> str | None:
        """What became of the hypothesis, if there is one and it was judged."""
        return self.hypothesis.verdict if self.hypothesis is not None else None

    @property
    def duration(self) -> float:
        """Seconds from start to end."""
        return (parse_time(self.ended) - parse_time(self.started)).total_seconds()


def parse_time(text: str) -> datetime:
    """Return the moment that an RFC 3339 text names."""
    if len(text) == _AS_WRITTEN and text[-1] == "Z" and text[-5] == ".":
        return datetime.fromisoformat(f"{text[:-1]}+00:00")
    padded = _FRACTION.sub(
        lambda match: f"{match[0]:0<7}"[:7], text
    )  # Python 3.10 wants six digits
    return datetime.fromisoformat(padded.replace("Z", "+00:00"))


def time_text(moment: datetime) -> str:
    """Return a moment in UTC as RFC 3339, to the millisecond."""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
