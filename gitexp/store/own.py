"""The names of all that gitexp keeps: its refs, and what lies in its own folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from weakref import WeakKeyDictionary

from gitexp.git.repository import Repository

REFS = "refs/gitexp/"
"""All refs of gitexp's but those of the notes, and the experiments branch."""
RUNNING = f"{REFS}running/"
"""Where the snapshot of a run is kept until the run is recorded."""
SWEEPS = f"{REFS}sweeps/"
"""Where the snapshot of a sweep is kept while the sweep is under way."""
PENDING = f"{REFS}pending/"
"""Where runs wait whose branch could not be moved."""
IMPORTING = f"{REFS}importing/"
"""Where imported runs are built up before they come onto the branch together."""
RECOVERY = f"{REFS}recovery/"
"""Where `apply` keeps what it overwrites."""
NOTES = "refs/notes/gitexp"
"""Where late facts about runs are kept, one JSON line each."""
LOOKUP = f"{REFS}lookup"
"""On remotes alone: the table by which a few of very many runs are found."""
_REMOTES = f"{REFS}remotes/"
_JOINING = f"{NOTES}-join-"

FOLDER = "gitexp"
"""The name of our folder in the git directory."""
INDEX_PROBE = "index.lock"
"""The file that is locked to see whether an index can lie beside it."""


def look_file(git_dir: Path) -> Path:
    """Return where it is kept what was found out about the index of a work tree."""
    return git_dir / "gitexp-look.json"


def settled_file(git_dir: Path, name: str) -> Path:
    """Return where it is kept which folders of earlier runs in a work tree nobody has touched."""
    return git_dir / FOLDER / f"settled-{name}"


def fetched_notes(remote: str) -> str:
    """Return where the notes of a remote are kept as they were last fetched."""
    return f"{_REMOTES}{remote}/notes"


def joining_notes(token: str) -> str:
    """Return where git joins notes for us; it does so below `refs/notes/` alone."""
    return f"{_JOINING}{token}"


IDENTITY: Mapping[str, str] = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "gitexp"), ("EMAIL", "gitexp@localhost"))
}
"""Of commits that are no run: they are never signed."""


class OwnFolder:
    """Our folder in the git directory, shared by all work trees; nothing of it need exist yet."""

    def __init__(self, git_dir: Path) -> None:
        self.path = git_dir / FOLDER
        self.journal = self.path / "journal"
        """A file for each run under way."""
        self.runs = self.path / "runs"
        """A folder for each of them, with what it needs until it is recorded."""
        self.logs = self.path / "logs"
        """The whole output of each recorded run, until `gc`."""
        self.kept = self.path / "kept"
        """Old params files that could not be put back."""
        self.waiting = self.path / "waiting"
        """A file for each run that waits for its branch, with the branch's name."""
        self.work = self.path / "work"
        """Copies of the work tree in which runs of `--temp` take place."""
        self.hooks = self.path / "hooks"
        """Git hooks, if `core.hooksPath` had to be set to install them."""
        self.branch_lock = self.path / "branch.lock"
        """Locked while a parent is chosen and the branch is moved."""
        self.index = self.path / "index.sqlite"
        """The search index."""
        self.documents = self.path / "documents.txt"
        """Settings and params that were parsed before."""
        self.environments = self.path / "environments.json"
        """What was found out about interpreters and what is installed for them."""
        self.purged = self.path / "purged.json"
        """Which purges this clone has carried out."""
        self.data_left = self.path / "data-left"
        """The runs whose data was not sent when they were."""
        self.dvc_is_missing = self.path / "dvc-is-missing"
        """There once it was said that `dvc exp` needs a DVC project."""

    @property
    def tags_left(self) -> Path:
        """The tags of models that were made here and not seen on a remote."""
        return self.path / "tags-left"

    @property
    def sweeps(self) -> Path:
        """A folder for each sweep under way, with its definition and the index of its snapshot."""
        return self.path / "sweeps"

    @property
    def covered(self) -> Path:
        """A file for each sweep with points that runs outside of it settle."""
        return self.path / "covered"

    @property
    def left(self) -> Path:
        """A file for each run whose processes were still running when it had ended."""
        return self.path / "left"

    @property
    def trees(self) -> Path:
        """What folders of trees hold, so that nobody looks again where nothing has changed."""
        return self.path / "trees"

    @property
    def trackers(self) -> Path:
        """A folder for each recorded run with the stores of trackers that it was offered."""
        return self.path / "trackers"

    @property
    def afterwards(self) -> Path:
        """What the background does once runs are recorded: its log, and what it has to say."""
        return self.path / "afterwards"

    @property
    def plain_push(self) -> Path:
        """What a push has found out about the settings, so that the next one need not look."""
        return self.path / "plain-push"

    @property
    def push_state(self) -> Path:
        """There while it pushes, and after a push that failed until that is said."""
        return self.afterwards / "push.json"

    @property
    def notify_state(self) -> Path:
        """There after a message that it could not send, until that is said."""
        return self.afterwards / "notify.json"

    @property
    def deep(self) -> Path:
        """What a check of all objects has found, while it is not through."""
        return self.path / "deep.sqlite"

    @property
    def told_init(self) -> Path:
        """There once it was said what `gitexp init` would find."""
        return self.path / "told-init"

    @property
    def told_params(self) -> Path:
        """There once it was said that files keep what `-S` has set."""
        return self.path / "told-of-params"

    def made(self) -> OwnFolder:
        """Return the folder itself, made if need be."""
        self.path.mkdir(exist_ok=True)
        return self

    def log(self, run_id: str) -> Path:
        """Return where the whole output of a recorded run is kept."""
        return self.logs / f"{run_id}.log"


_FOUND: WeakKeyDictionary[Repository, OwnFolder] = WeakKeyDictionary()


def own_folder(repository: Repository) -> OwnFolder:
    """Return our folder in a repository; it is looked up once for each `Repository`."""
    found = _FOUND.get(repository)
    if found is None:
        found = _FOUND[repository] = OwnFolder(repository.common_dir)
    return found
