"""`gitexp init`: settings, DVC and, if wanted, a starter project and what CI runs."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from gitexp.cli.ci_files import ci_files
from gitexp.cli.found import NOTHING_FOUND, chosen, survey_text, tell_found
from gitexp.cli.options import say
from gitexp.cli.templates import default_config, read_template, steps_of
from gitexp.data.dvc_project import find_root, initialise
from gitexp.data.pipelines import PIPELINE_NAME
from gitexp.data.replacing import refuse_links_above
from gitexp.drivers.registration import ATTRIBUTES, register
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.hosts.host import HostName
from gitexp.model.text import harmless_lines
from gitexp.project import Project
from gitexp.settings.config import CONFIG_NAME, Config
from gitexp.survey.proposals import Setting
from gitexp.survey.settings_text import with_settings
from gitexp.survey.survey import Survey, survey

MADE, EDITED, EXISTS = "made", "edited", "exists"

Told = dict[str, str]
"""Whether each path, relative to the folder, is made or edited, or exists already."""


@click.command()
@click.option("--template", metavar="NAME", help="Also copy a starter project, such as sklearn.")
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab"]),
    help="Also have CI review pull requests with `gitexp review`.",
)
@click.option(
    "--models",
    is_flag=True,
    help="With --ci: also get and evaluate each model that is promoted.",
)
@click.option("--dry-run", is_flag=True, help="Print the settings that fit, and write nothing.")
@click.option("-y", "--yes", is_flag=True, help="Take what is found without asking.")
def init(
    template: str | None, ci: HostName | None, *, models: bool, dry_run: bool, yes: bool
) -> None:
    """Set up this folder: gitexp.yaml, DVC, and how git shows and merges params and metrics.

    It looks for the program that trains, for params and for metrics, by reading the source
    and without running it, and writes the settings that fit, each with its reason. Nothing
    is staged or committed, and what exists stays as it is, so that it is safe to repeat. In
    a subfolder of a repository, the subfolder becomes a project of its own.

    \b
    Examples:
      gitexp init
      gitexp init --dry-run
      gitexp init --template sklearn
      gitexp init --ci github
      gitexp init --ci gitlab --models
    """
    if models and ci is None:
        raise click.UsageError("--models needs --ci")
    directory = click.get_current_context().find_root().params["directory"]
    with Repository.open(directory) as repository:
        root, top = directory.resolve(), repository.top
        seen = survey(root, repository) if template is None else NOTHING_FOUND
    if dry_run:
        click.echo(harmless_lines(survey_text(seen)), nl=False)
        return
    starter = read_template(template) if template is not None else {}
    told, settings = _set_up_settings(root, starter, seen, yes=yes)
    is_set_up = told[CONFIG_NAME] == EXISTS
    told |= _set_up_dvc(root, top)
    told |= _set_up_drivers(root)
    by_hand: tuple[str, ...] = ()
    edited: list[str] = []
    if ci is not None:
        folder = "" if root == top else root.relative_to(top).as_posix()
        wanted = ci_files(ci, top, folder, _experiments(root), models=models)
        found = _set_up(top, wanted.files, is_starter=False)
        told |= {os.path.relpath(top / name, root): what for name, what in found.items()}
        by_hand = wanted.steps
        edited = [os.path.relpath(top / name, root) for name in wanted.edited]
    for path, what in told.items():
        say(f"{what:<6}  {path}")
    tell_found(settings, seen.notes)
    what = "have CI review metrics" if ci is not None and is_set_up else "set gitexp up"
    steps = steps_of(starter) if starter else _steps(root, told, edited, what, seen.command)
    steps = [*by_hand, *steps]
    if steps:
        say("\nNext:\n" + "\n".join(f"  {step}" for step in steps), err=True)


def _experiments(root: Path) -> str:
    """Return what remotes call the experiments branch; settings that are wrong say nothing."""
    with contextlib.suppress(GitexpError), Project.open(root) as project:
        return project.config.branch_on_remotes
    return Config().branch_on_remotes


def _set_up_settings(
    root: Path, starter: Mapping[str, bytes], seen: Survey, *, yes: bool
) -> tuple[Told, tuple[Setting, ...]]:
    """Write `gitexp.yaml`, or a starter project; return the settings that were found for it."""
    if starter:
        return _set_up(root, starter, is_starter=True), ()
    is_there = os.path.lexists(root / CONFIG_NAME)
    settings = () if is_there else chosen(seen, yes=yes)
    content = with_settings(default_config().decode(), settings).encode()
    return _set_up(root, {CONFIG_NAME: content}, is_starter=False), settings


def _set_up(root: Path, files: Mapping[str, bytes], *, is_starter: bool) -> Told:
    """Write the files that are not there; write none if one would be overwritten."""
    told: Told = {}
    in_the_way = []
    for name, content in files.items():
        path = root / name
        if not os.path.lexists(path):
            told[name] = MADE
        elif not is_starter or _holds(path, content):
            told[name] = EXISTS
        elif name == CONFIG_NAME and _holds(path, default_config()):
            told[name] = MADE  # nobody's work: all of it is commented out
        else:
            in_the_way.append(f"'{name}'")
    if in_the_way:
        raise GitexpError(
            f"the template would overwrite {', '.join(in_the_way)}",
            hint="Move what is there out of the way, or start in a folder without it.",
        )
    made = [name for name, what in told.items() if what == MADE]
    for name in made:
        refuse_links_above(root, name)
    for name in made:
        _write(root / name, files[name])
    return told


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise GitexpError(f"cannot write '{path}': {error.strerror}") from error


def _set_up_dvc(root: Path, top: Path) -> Told:
    """Make the folder a DVC project, unless it is in one."""
    found = find_root(root, top)
    if found is not None:
        return {f"{os.path.relpath(found / '.dvc', root)}/": EXISTS}
    written = (path.relative_to(root).parts for path in initialise(root))
    return {f"{parts[0]}/" if parts[1:] else parts[0]: MADE for parts in written}


def _set_up_drivers(root: Path) -> Told:
    """Have git show and merge params, metrics and pointers by their keys."""

    there = (root / ATTRIBUTES).exists()
    with Project.open(root) as project:
        changed = register(project)
    return {ATTRIBUTES: (EDITED if there else MADE) if changed else EXISTS}


def _not_in_git(repository: Repository, root: Path, told: Told) -> list[str]:
    """Return what was edited, and what git does not have, though it may be there for long.

    What git ignores is not among it: `git add` would refuse that, and all else with it.
    """
    paths: list[str] = []
    for name in told:  # `.dvcignore` is DVC's, as `.dvc/` is
        path = name.rstrip("/")
        paths += [path, f"{path}ignore"] if name.endswith(".dvc/") else [path]
    tops = {path: os.path.relpath(root / path, repository.top) for path in paths}
    asked = [f":(top,literal){top}" for top in tops.values()]
    options = ("-z", "--others", "--exclude-standard")
    listed = os.fsdecode(repository.git("ls-files", *options, "--", *asked)).split("\0")
    new = {
        path for path, top in tops.items() if any(f"{one}/".startswith(f"{top}/") for one in listed)
    }
    return [path for path in tops if path in new or told.get(path) == EDITED]


def _steps(root: Path, told: Told, edited: Sequence[str], what: str, run: str) -> list[str]:
    """Return what to do next if there is no starter project; `what` is what was done."""
    with Project.open(root) as project:
        made = [*_not_in_git(project.repository, root, told), *edited]
        kept = [f"git add {shlex.join(made)}", f'git commit -m "{what}"'] if made else []
        with contextlib.suppress(GitexpError):  # settings in conflict
            if any(project.runs.newest()):
                return kept
            if project.config.command or (root / PIPELINE_NAME).is_file():
                return [*kept, "gitexp run"]
    return [*kept, run]
