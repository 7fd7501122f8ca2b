"""Everything that can fail before a command starts, found out before it starts."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from gitexp.data.pipelines import PIPELINE_NAME
from gitexp.errors import GitexpError
from gitexp.execution.command.process import CommandNotExecutable, CommandNotFound
from gitexp.git.commits import check_identity
from gitexp.git.refs import Ref, list_refs
from gitexp.git.repository import clean_environment
from gitexp.model.command import is_shell_line
from gitexp.model.names import check_name, generated_name, new_id
from gitexp.project import Project
from gitexp.store.branch import PENDING, private_dir, usable_tip
from gitexp.store.journal import Journal

if TYPE_CHECKING:
    from gitexp.execution.overrides.grammar import Override


_LOOK_EVERY = 0.2
"""Seconds between two looks at a work tree that is busy."""

_OTHER_NAME = "Choose another name; without `-n` gitexp makes one."


class Request(Struct, frozen=True):
    """What a person asked for."""

    command: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    name: str | None = None
    message: str = ""
    timeout: float | None = None
    """Seconds."""
    allow_secrets: bool = False


class Plan(Struct, frozen=True):
    """What is going to happen."""

    id: str
    name: str
    request: Request
    command: tuple[str, ...]
    """As it was typed; empty where what there is is recorded."""
    argv: tuple[str, ...]
    """As it is started."""
    baseline: str
    edits: Mapping[str, bytes] = field(default_factory=dict)
    """New contents of params files, by path in the project."""
    before: Mapping[str, bytes] = field(default_factory=dict)
    """The contents that the new ones were made from."""
    overrides: tuple[Override, ...] = ()
    others_wait: bool = False
    """Whether runs wait whose branch could not be moved."""


def prepare(project: Project, request: Request, *, has_command: bool = True) -> Plan:
    """Decide what to run; reads only. Raises GitexpError for whatever would fail later.

    Without a command it is decided how to record what there is.
    """
    repository, config = project.repository, project.config
    baseline = repository.objects.commit("HEAD")
    if baseline is None:
        raise GitexpError(
            "there is no commit yet that a run could start from",
            hint="Make one with `git commit --allow-empty -m start`.",
        )
    check_identity(repository)
    command, argv = chosen_command(project, request) if has_command else ((), ())
    run_id = new_id()
    name = generated_name(run_id) if request.name is None else request.name
    refs = list_refs(
        repository,
        f"refs/heads/{config.branch}",
        f"refs/heads/{name}",
        f"refs/tags/{name}",
        PENDING,
    )
    usable_tip(repository, config.branch, refs)
    if request.name is not None:
        check_name(name)
        check_not_taken(project, name, refs, hint=_OTHER_NAME)
    contents = params_contents(project)
    for path, content in contents.items():
        project.documents.parse(content, path)  # raises for what could not be recorded
    overrides, edits = _overridden(contents, request) if request.overrides else ((), {})
    waiting = any(ref.name.startswith(PENDING) for ref in refs)
    return Plan(run_id, name, request, command, argv, baseline, edits, contents, overrides, waiting)


def chosen_command(project: Project, request: Request) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the command as it was typed, and as it is started."""
    command = request.command or project.config.command
    if not command:
        return _reproduction(project)
    argv = ("/bin/sh", "-c", command[0]) if is_shell_line(command) else command
    check_command(project, argv)
    return command, argv


def _reproduction(project: Project) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return `dvc repro` for the pipeline here, or for that of the project."""
    here = project.repository.top / project.directory
    files = [folder / PIPELINE_NAME for folder in (here, project.root)]
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        raise GitexpError(
            "no command to run",
            hint="Give one, as `gitexp run -- python train.py`, or set `command:` in gitexp.yaml.",
        )
    target = () if file.parent == here else (os.path.relpath(file, here),)
    command = ("dvc", "repro", *target)
    if shutil.which("dvc") is not None:
        return command, command
    return command, (sys.executable, "-m", "dvc", "repro", *target)


def _overridden(
    contents: Mapping[str, bytes], request: Request
) -> tuple[tuple[Override, ...], dict[str, bytes]]:
    from gitexp.execution.overrides.grammar import parse_override  # noqa: PLC0415 - 20 ms, for -S
    from gitexp.execution.overrides.resolve import apply_overrides  # noqa: PLC0415 - as above

    overrides = tuple(parse_override(text) for text in request.overrides)
    return overrides, apply_overrides(contents, overrides)


def overruled(plan: Plan) -> list[tuple[Override, Override]]:
    """Return the overrides of which nothing is left, each with the later one of its key.

    Mappings are merged, and what is removed was not set.
    """
    values = [one for one in plan.overrides if one.has_value and not isinstance(one.value, dict)]
    last = {(one.file, one.key): one for one in values}
    pairs = ((one, last[one.file, one.key]) for one in values)
    return [(one, later) for one, later in pairs if one.text != later.text]


def check_command(project: Project, argv: tuple[str, ...]) -> None:
    """Raise CommandNotFound or CommandNotExecutable where the command could not start."""
    folder = project.repository.top / project.directory
    word, path = argv[0], os.environ.get("PATH")
    where = str(folder / word) if "/" in word else shutil.which(word, path=path)
    if where is None or not Path(where).exists():
        hint = f"Run it through its interpreter, as in `gitexp run -- python {word}`."
        is_script = (folder / word).is_file()
        raise CommandNotFound(f"command '{word}' not found", hint=hint if is_script else None)
    if not os.access(where, os.X_OK) or Path(where).is_dir():
        raise CommandNotExecutable(
            f"'{word}' cannot be run", hint=f"Make it executable with `chmod +x {word}`."
        )


def check_not_taken(project: Project, name: str, refs: list[Ref], *, hint: str) -> None:
    """Raise GitexpError where a run, a branch or a tag goes by that name; `refs` has the latter."""
    taken = {
        f"refs/heads/{name}": f"'{name}' is the name of a branch",
        f"refs/tags/{name}": f"'{name}' is the name of a tag",
    }
    why = next((taken[ref.name] for ref in refs if ref.name in taken), None)
    there = project.runs.index.named(name, project=None)
    if there:
        why = f"a run named '{name}' exists"
        if all(run.facts.removed for run in there):
            why = f"a removed run is named '{name}'"
            hint = f"{hint} `gitexp restore {name}` brings the run back."
    if why:
        raise GitexpError(why, hint=hint)
    check_not_under_way(project, name, hint=hint)


def check_not_under_way(project: Project, name: str, *, hint: str = _OTHER_NAME) -> None:
    """Raise GitexpError where a run of that name is under way."""
    for entry in Journal(project.repository).entries():
        if entry.name == name and not entry.is_over:
            raise GitexpError(f"a run named '{name}' is under way", hint=hint)


def check_work_tree(project: Project) -> None:
    """Raise GitexpError where another run is under way in this work tree."""
    for entry in Journal(project.repository).entries():
        if entry.work_tree == str(project.repository.top) and not entry.is_over:
            hint = "Run in a copy of the work tree with `--temp`, or `--wait` for its end."
            if not entry.living:
                rescue = f"`gitexp doctor --recover {entry.id}` records it"
                hint += f" If that machine or container is gone for good, {rescue}."
            raise GitexpError(
                f"run '{entry.name}' is under way in this work tree ({entry.who})",
                hint=hint,
            )


def wait_for_work_tree(project: Project, tell: Callable[[str], None]) -> None:
    """Return when no run is under way in this work tree any more."""
    told = False
    while True:
        try:
            check_work_tree(project)
        except GitexpError as busy:
            if not told:
                tell(f"note: waiting, for {busy}")
            told = True
            time.sleep(_LOOK_EVERY)
        else:
            return


def _copied_code(project: Project, plan: Plan, env: dict[str, str]) -> dict[str, str]:
    """Return what makes a command in a copy import the copy of an editable package."""
    from gitexp.execution.environment.editable import editable_folders, python_path  # noqa: PLC0415 - `--temp`

    assert project.home is not None  # noqa: S101 - as the caller saw
    top = project.home.repository.top
    folders = editable_folders(
        plan.argv,
        top=top,
        cwd=top / project.directory,
        env=env,
        cache=private_dir(project.repository) / "environments.json",
    )
    if not folders:
        return {}
    copy = project.repository.top
    return {"PYTHONPATH": python_path(folders, top=top, copy=copy, env=env)}


def params_contents(project: Project) -> dict[str, bytes]:
    """Return the params files that are there, by path in the project."""
    paths = [(name, project.root / name) for name in project.params_files]
    return {name: path.read_bytes() for name, path in paths if path.is_file()}


def child_environment(project: Project, plan: Plan) -> dict[str, str]:
    """Return the environment of the command."""
    env = clean_environment(os.environ)
    return {
        **env,
        **(_copied_code(project, plan, env) if project.home is not None else {}),
        "GITEXP_RUN_ID": plan.id,
        "GITEXP_RUN_NAME": plan.name,
        "GITEXP_BASELINE": plan.baseline,
    }
