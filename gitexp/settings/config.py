"""`gitexp.yaml`: what a project says about itself; everything has a default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from gitexp.model.change_rules import ChangeRules
from gitexp.model.paths import ProjectPath
from gitexp.model.policy import Policy

if TYPE_CHECKING:
    from gitexp.metrics.rows import Row
    from gitexp.model.promotion import Promotion
    from gitexp.settings.hydra import Composition
    from gitexp.settings.sweep import SweepSettings

MOST_FILES = 1000
MOST_BYTES = 20_000_000
"""How much a run takes in unasked: more untracked files are refused, or go behind one pointer."""

CONFIG_NAME = ProjectPath("gitexp.yaml")
DEFAULT_BRANCH = "experiments"
DEFAULT_TRACK = (
    "*.cbm *.ckpt *.gguf *.h5 *.joblib *.joblib.bz2 *.joblib.gz *.joblib.lzma *.joblib.xz"
    " *.joblib.z *.keras *.mlmodel *.onnx *.onnx.data *.pickle *.pkl *.pkl.bz2 *.pkl.gz *.pkl.xz"
    " *.pt *.pt2 *.pth *.safetensors *.skops *.tflite *.ubj"
).split()
"""Files that hold models, by the endings that libraries give them.

Others are known when a run writes them, by what they are: `gitexp.pointers.recognised`.
"""
NOT_INPUTS = (
    *("/README*", "/CHANGELOG*", "/LICENSE*", ".github/", ".gitlab/", ".gitlab-ci.yml"),
    *(".pre-commit-config.yaml", ".editorconfig", ".vscode/", ".idea/"),
)
"""Texts about the code, and settings of hosts, hooks and editors; they decide no result."""

Message = Literal["comment", "trailers", "none"]
Push = Literal["warn", "strict"]
Stale = Literal["note", "drop", "keep"]
TrackerFiles = Literal["pointer", "leave_out"]
Tracker = Literal["mlflow", "wandb", "tensorboard"]


class Config(Struct, frozen=True):
    """The settings of one project; docs/reference/config.md describes each."""

    command: tuple[str, ...] = ()
    branch: str = DEFAULT_BRANCH
    remote_branch: str | None = None
    """The branch's name on remotes, if it is another one."""
    mirror: str | None = None
    """For which other tool runs are written a second time: 'dvc', or none."""
    params: tuple[ProjectPath, ...] = (ProjectPath("params.yaml"),)
    found_params: Mapping[str, str] = field(default_factory=dict)
    """Patterns of params files that have a folder of one run; '' names them by the pattern."""
    names_params: bool = False
    """Whether `params` was written by the user."""
    hydra: Composition | None = None
    """What composes a params file before each run."""
    names_hydra: bool = False
    """Whether `hydra` was written by the user, so that DVC's configuration does not count."""
    metrics: tuple[str, ...] = ("metrics.json",)
    """Paths or patterns of metrics files that are recorded under their own path."""
    renamed_metrics: Mapping[str, str] = field(default_factory=dict)
    """Patterns by the name under which the one file that was written is recorded."""
    stale_metrics: Mapping[str, Stale] = field(default_factory=dict)
    """What becomes of values that stood in a file before the run, by path or pattern."""
    metrics_rows: Mapping[str, Row] = field(default_factory=dict)
    """Which row of a table or log stands for the run, by path or pattern."""
    capture: tuple[Tracker, ...] = ()
    """The trackers whose stores are read for what the command logged."""
    plots: tuple[str, ...] = ()
    track: tuple[str, ...] = tuple(DEFAULT_TRACK)
    tracks_ignored: bool = False
    """Whether `track` was written by the user and so counts for files that git ignores."""
    tracker_files: TrackerFiles = "pointer"
    """What becomes of databases and event files in which trackers log."""
    max_file_size: int = 5_000_000
    max_series: int = 50_000
    """Bytes of the curves of a run that git holds whole; above it, those in git are thinned."""
    outputs: tuple[str, ...] = ()
    not_inputs: tuple[str, ...] = NOT_INPUTS
    """What the user lists comes after the default; a line with `!` takes something out again."""
    shared: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    """Data behind pointers that no training may see."""
    evaluate: tuple[str, ...] = ()
    """The command that evaluates a model on it."""
    message: Message = "comment"
    """How the changes of metrics get into the message of a commit, if the hook is installed."""
    push: Push = "warn"
    """Whether a push is refused for metrics that are stale or outside the policy."""
    system: bool = True
    """Whether it is looked at what a command uses of the machine."""
    record_host: bool = True
    record_user: bool = True
    policy: Policy = field(default_factory=Policy)
    review: ChangeRules = field(default_factory=ChangeRules)
    promotion: Promotion | None = None
    """As the user wrote it; `promote` is what holds."""
    sweeps: SweepSettings | None = None
    """As the user wrote it; `sweep` is what holds."""

    @property
    def promote(self) -> Promotion:
        """What is demanded of a promotion."""
        from gitexp.model.promotion import Promotion  # noqa: PLC0415 - 1 ms, for promotions alone

        return self.promotion or Promotion()

    @property
    def sweep(self) -> SweepSettings:
        """What holds for sweeps that do not say otherwise."""
        from gitexp.settings.sweep import SweepSettings  # noqa: PLC0415 - 1 ms, for sweeps alone

        return self.sweeps or SweepSettings()

    @property
    def recognises_models(self) -> bool:
        """Whether models are known by what they are as well: `track` is not the user's."""
        return not self.tracks_ignored

    @property
    def branch_on_remotes(self) -> str:
        """What the experiments branch is called on remotes."""
        return self.remote_branch or self.branch
