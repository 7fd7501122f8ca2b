"""`gitexp promote`: a run becomes a version of a model, and perhaps holds a stage."""

from __future__ import annotations

import contextlib
import shlex

import click

from gitexp.cli.completion import complete_path, complete_run
from gitexp.cli.options import say, tell, with_project
from gitexp.cli.tags import chosen_remote, push_option, remote_option, run_sent_or_told
from gitexp.errors import ExitCode, GitexpError
from gitexp.project import Project
from gitexp.registry.again import tags_there
from gitexp.registry.grammar import Bump
from gitexp.registry.naming import get_run
from gitexp.registry.promotion import Promoted, Wish, carry_out, plan_promotion
from gitexp.settings.config import CONFIG_NAME, Config
from gitexp.store.stored_run import StoredRun


@click.command()
@click.argument("run", shell_complete=complete_run)
@click.argument("name")
@click.option("--version", "version", metavar="VERSION", help="The version: 1.2.0.")
@click.option("--major", "bump", flag_value="major", help="The next major version.")
@click.option("--minor", "bump", flag_value="minor", help="The next minor version.")
@click.option("--patch", "bump", flag_value="patch", help="The next patch, which is the default.")
@click.option("--stage", default="", metavar="STAGE", help="Have the version hold this stage.")
@click.option(
    "--path",
    metavar="PATH",
    shell_complete=complete_path,
    help="The model, if the run wrote several.",
)
@click.option("-m", "--message", default="", metavar="TEXT", help="What the tags say.")
@click.option("--override", metavar="REASON", help="Promote whatever the policy says.")
@push_option
@remote_option
@with_project
def promote(
    project: Project,
    *,
    run: str,
    name: str,
    version: str | None,
    bump: Bump | None,
    stage: str,
    path: str | None,
    message: str,
    override: str | None,
    push: bool | None,
    remote: str | None,
) -> ExitCode:
    """Make RUN a version of the model NAME; with --stage, have it hold that stage.

    The version and the stage are annotated tags on the run's commit, as GTO writes them, signed
    if git signs tags. A run that is a version already only gets the stage. What `promote` in
    gitexp.yaml demands is checked first; --override goes past it, and its REASON stands in the
    tags. Given again with --push, it sends the tags that are there.

    \b
    Examples:
      gitexp promote brave-otter-7f digits --minor
      gitexp promote best:accuracy digits --stage prod --push
    """
    if version is not None and bump is not None:
        raise click.UsageError(f"--version and --{bump} exclude each other")
    if override is not None and not override.strip():
        raise click.UsageError("--override needs a reason")
    found = get_run(project, run)
    wish = Wish(name, version, bump, stage, path, message, override or "")
    to = chosen_remote(project, push=push, remote=remote)
    tags = tags_there(project, found, wish) if to is not None else []
    if not tags:
        plan = plan_promotion(project, found, wish)
        if not _is_allowed(plan, override):
            return ExitCode.NO
        _name_uncommitted_demands(project)
        carry_out(project, plan)
        _tell(plan, found, stage)
        if project.repository.object_format != "sha1":
            tell("note: GTO cannot read a repository of SHA-256; gitexp reads these tags")
        tags = [str(tag.name) for tag in plan.tags]
    run_sent_or_told(project, found, tags, to, again=_again(found, wish, to))
    return ExitCode.OK


def _name_uncommitted_demands(project: Project) -> None:
    """Say if what is demanded is not what others see."""
    name = project.path(CONFIG_NAME)
    content = project.repository.objects.blob(f"HEAD:{name}")
    committed = None
    with contextlib.suppress(GitexpError):  # that is not what HEAD has, either
        committed = project.settings_in(content) if content is not None else Config()
    now = project.config
    if committed is None or (committed.promote, committed.policy) != (now.promote, now.policy):
        tell(f"note: what is demanded is as '{name}' says in the work tree, not as in HEAD")


def _is_allowed(plan: Promoted, override: str | None) -> bool:
    """Return whether the policy agrees, or somebody goes past it; report what it says."""
    for why in plan.refusals:
        tell(f"{'overridden' if override else 'refused'}: {why}")
    if plan.refusals and not override:
        tell('hint: `--override "REASON"` goes past that, and is recorded in the tags.')
    return not plan.refusals or bool(override)


def _again(run: StoredRun, wish: Wish, to: str | None) -> str:
    """Return the command that sends what is written already."""
    stage = ("--stage", wish.stage) if wish.stage else ()
    remote = ("--remote", to) if to not in (None, "origin") else ()
    words = ("gitexp", "promote", run.name, wish.name, *stage, *map(str, remote), "--push")
    return shlex.join(words)


def _tell(plan: Promoted, run: StoredRun, stage: str) -> None:
    """Report what was written."""
    if plan.is_new:
        say(f"{plan.model} {plan.version}: {plan.file.path} of {run.name}")
    if stage:
        instead = f" instead of {plan.before}" if plan.before else ""
        say(f"{plan.model} {plan.version} holds {stage}{instead}")
