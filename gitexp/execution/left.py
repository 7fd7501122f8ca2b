"""Processes that outlive their run: named when it ends, and when the next one begins."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable, Iterable, Iterator

from gitexp.execution.secrets.finding import mask_secrets
from gitexp.execution.stages import Outcome, Started
from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.numbers import counted
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.store.left import Left, remember, remembered
from gitexp.store.processes import Place, marked_processes, our_beginning

Tell = Callable[[str], None]

_PATIENCE = 0.5
"""Seconds for what ends by itself when its parent has: workers, and Python's resource tracker."""
_LOOK_EVERY = 0.02
_SHOWN = 5
_LONGEST = 60
"""Characters of a command line that tell one process from another."""

_SERVICES = frozenset(
    "ssh-agent gpg-agent dirmngr keyboxd scdaemon dbus-daemon dbus-launch gnome-keyring-daemon "
    "git git-credential-cache--daemon tmux screen SCREEN tensorboard tensorboard.main "
    "wandb wandb-core wandb-service raylet gcs_server ray::IDLE redis-server mlflow aim "
    "sccache ccache watchman bazel dockerd containerd Xvfb gcsfuse sshfs s3fs "
    "nvidia-persistenced nvidia-cuda-mps-control nvidia-cuda-mps-server".split()
)
"""Programs that are meant to go on, and write no results: named, and no reason for a warning."""
_OF_RAY = "/ray/"
_SHARED_SSH = "[mux]"
"""How the title of an ssh ends that holds a connection for others."""
_FIRST_WORDS = 4
"""So many words of a command line may hold the program: `python -m wandb`."""
_TITLE_END = lazy_pattern(r"[(\s]|(?<!:):(?!:)")
"""What follows the name where a program has written its own title, as `wandb-service(2-9-s)`."""


def outlived(started: Started, leader: int | None) -> tuple[str, ...]:
    """Name the processes that a run has left behind; return what its record says of them.

    Those that may still write are remembered for the next run. `leader` is the command's
    process, if it is known.
    """
    project, plan = started.project, started.plan
    services, writers = _settled(plan.id, leader)
    if services:
        started.tell(f"note: '{plan.name}' has left services running: {_listed(services)}")
    if not writers:
        return ()
    text = _listed(writers)
    kill = shlex.join(["kill", *map(str, writers)])
    started.tell(
        f"note: left behind by '{plan.name}' and still running: {text}; "
        f"what they write from now on is not recorded (`{kill}` ends them)"
    )
    top = str(project.repository.top)
    remember(
        project.repository, Left(plan.id, plan.name, top, tuple(Place.of(pid) for pid in writers))
    )
    return (f"still running at its end: {text}",)


def _settled(run_id: str, leader: int | None) -> tuple[dict[int, str], dict[int, str]]:
    """Return services, and other processes of a run, that do not end within a moment.

    What this process has started began after it; of a run that another one began, nothing is known.
    """
    since = our_beginning() if leader is not None else None
    deadline = time.monotonic() + _PATIENCE
    while True:
        found = _described(marked_processes(run_id, leader, since=since))
        services = {pid: text for pid, (text, is_service) in found.items() if is_service}
        writers = {pid: text for pid, (text, is_service) in found.items() if not is_service}
        if not writers or time.monotonic() > deadline:
            return services, writers
        time.sleep(_LOOK_EVERY)


def still_left(project: Project, tell: Tell) -> tuple[str, ...]:
    """Warn of processes of earlier runs in this work tree; return the names of those runs."""
    repository = project.repository
    found = []
    for left, living in remembered(repository, repository.top, forgetting=True):
        described = _described(living).items()
        writers = {pid: text for pid, (text, is_service) in described if not is_service}
        if writers:
            found.append((left.name, writers))
    for name, writers in found[:_SHOWN]:
        tell(
            f"warning: left behind by run '{name}' and still running: "
            f"{_listed(writers)}; this may write into what is recorded now"
        )
    if len(found) > _SHOWN:
        tell(
            f"warning: so have {counted(len(found) - _SHOWN, 'other run')}; "
            "`gitexp doctor` lists the processes"
        )
    return tuple(name for name, _ in found)


def beside_notes(started: Started, outcome: Outcome) -> Iterator[str]:
    """Yield what the record says of files that processes of earlier runs may have written."""
    paths = [*outcome.written, *(one.pointer.path for one in outcome.pointers)]
    if not started.beside or not paths:
        return
    names = [f"'{started.project.name(TopPath(path))}'" for path in sorted(paths)]
    runs = _cut([f"'{name}'" for name in started.beside])
    verb = "written" if started.plan.command else "saved"
    yield f"{verb} while processes of {runs} were still running: {_cut(names)}"


def _listed(processes: dict[int, str]) -> str:
    return _cut([f"{pid} ({text})" for pid, text in processes.items()])


def _cut(texts: list[str]) -> str:
    more = len(texts) - _SHOWN
    return ", ".join(texts[:_SHOWN]) + (f" and {counted(more, 'other')}" if more > 0 else "")


def _described(pids: Iterable[int]) -> dict[int, tuple[str, bool]]:
    """Return the command line of each process that lives, and whether it is a service's."""
    found = sorted(pids)
    if not found:
        return {}
    import psutil  # noqa: PLC0415 - 15 ms, where something is left

    described = {}
    for pid in found:
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            words = process.cmdline() or [process.name()]
        except psutil.NoSuchProcess:
            continue
        except (psutil.Error, OSError):
            words = ["?"]
        described[pid] = _text(words), _is_service(words)
    return described


def _text(words: list[str]) -> str:
    """Return a command line that is short, on one line, and gives no secret away."""
    line = " ".join(shlex.join(words).split())
    masked = mask_secrets(os.fsencode(line))[0].decode("utf-8", "replace")
    return masked if len(masked) <= _LONGEST else f"{masked[: _LONGEST - 1]}…"


def _is_service(words: list[str]) -> bool:
    first = words[:_FIRST_WORDS]
    if first and first[0].rstrip().endswith(_SHARED_SSH):
        return True
    return any(_program(word) in _SERVICES or _OF_RAY in word for word in first)


def _program(word: str) -> str:
    return _TITLE_END.split(word.rpartition("/")[2], maxsplit=1)[0]
