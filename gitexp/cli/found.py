"""What `gitexp init` found, shown and asked about; and said once by a run without settings."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from gitexp.cli.options import say
from gitexp.project import Project
from gitexp.settings.config import CONFIG_NAME
from gitexp.store.own import own_folder
from gitexp.survey.proposals import Setting
from gitexp.survey.survey import Survey, survey

NOTHING_FOUND = Survey((), (), "gitexp run -- python train.py")


def survey_text(found: Survey) -> str:
    """Return the settings that fit, as `gitexp.yaml` would have them, and what else is to know."""
    lines = [line for one in found.settings for line in (f"# {one.why}", one.text)]
    if not lines:
        lines = ["# Nothing that needs a setting was found: the defaults fit."]
    lines += [f"# {text}" for text in found.notes]
    return "".join(f"{line}\n" for line in (*lines, f"# Next: {found.command}"))


def chosen(found: Survey, *, yes: bool) -> tuple[Setting, ...]:
    """Return the settings that a person wants; without a terminal, all of them."""
    if yes or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return found.settings
    return tuple(one for one in found.settings if _is_wanted(one))


def _is_wanted(one: Setting) -> bool:
    say(f"\n{one.text}\n  {one.why}", err=True)
    return click.confirm(f"Put that into {CONFIG_NAME}?", default=True, err=True)


def tell_found(settings: Iterable[Setting], notes: Iterable[str]) -> None:
    """Say what was found, and why it is in the settings."""
    for one in settings:
        say(f"found   {one.key}: {one.why}", err=True)
    for text in notes:
        say(f"note: {text}", err=True)


def hint_of_first_run(project: Project) -> str | None:
    """Return what `gitexp init` would find, once in a project without settings."""
    if (project.root / CONFIG_NAME).exists():
        return None
    mark = own_folder(project.repository).told_init
    if mark.exists():
        return None
    own_folder(project.repository).made()
    mark.touch()
    keys = [one.key for one in survey(project.root, project.repository).settings]
    keys = [key for key in keys if key != "command"]
    if not keys:
        return None
    where = " and ".join(keys)
    return f"hint: `gitexp init` finds where this project has its {where}, and records them."
