"""`gitexp promote`: a run becomes a version of a model, and perhaps holds a stage."""

from __future__ import annotations

import click

from gitexp.cli.completion import complete_path, complete_run
from gitexp.cli.options import tell, with_project
from gitexp.cli.tags import push_option, remote_option, sent_or_told
from gitexp.errors import ExitCode
from gitexp.project import Project
from gitexp.registry.grammar import Bump
from gitexp.registry.promotion import Promoted, Wish, carry_out, plan_promotion
from gitexp.store.reading import StoredRun
from gitexp.store.selectors import get_run


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
    tags.

    \b
    Examples:
      gitexp promote brave-otter-7f digits --minor
      gitexp promote best:accuracy digits --stage prod --push
    """
    if version is not None and bump is not None:
        raise click.UsageError(f"--version and --{bump} exclude each other")
    if override is not None and not override.strip():
        raise click.UsageError("--override needs a reason")
    found = get_run(project.runs, run)
    wish = Wish(name, version, bump, stage, path, message, override or "")
    plan = plan_promotion(project, found, wish)
    if plan.refusals:
        for why in plan.refusals:
            tell(f"{'overridden' if override else 'refused'}: {why}")
        if not override:
            tell('hint: `--override "REASON"` goes past that, and is recorded in the tags.')
            return ExitCode.NO
    carry_out(project, plan)
    _tell(plan, found, stage)
    tags = [str(tag.name) for tag in plan.tags]
    sent_or_told(project, tags, push=push, remote=remote, run=found)
    return ExitCode.OK


def _tell(plan: Promoted, run: StoredRun, stage: str) -> None:
    """Report what was written."""
    if plan.is_new:
        click.echo(f"{plan.model} {plan.version}: {plan.file.path} of {run.name}")
    if stage:
        instead = f" instead of {plan.before}" if plan.before else ""
        click.echo(f"{plan.model} {plan.version} holds {stage}{instead}")
