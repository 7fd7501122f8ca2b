"""`gitexp card`: what is known of a version of a model, for people and for model hubs."""

from __future__ import annotations

import click

from gitexp.cli.address import public_address
from gitexp.cli.completion import complete_model
from gitexp.cli.destination import check_output
from gitexp.cli.model_library import library_inside
from gitexp.cli.options import say, with_reading_project
from gitexp.cli.unpulled import note_unpulled
from gitexp.comparison.query.run_values import flat_values
from gitexp.errors import GitexpError
from gitexp.inputs.repeats import repeats_of
from gitexp.metrics.rows import measured
from gitexp.model.message import OVERRIDE_TRAILER, trailers, words_of
from gitexp.model.page_mark import marked
from gitexp.model.values import is_number
from gitexp.model.verification import Verified
from gitexp.project import Project
from gitexp.registry.events import read_events
from gitexp.registry.promotion import REFUSED_TRAILER
from gitexp.registry.source import Source, find_source
from gitexp.registry.standing import verifications_of
from gitexp.registry.state import read_models
from gitexp.rendering.card import card_text
from gitexp.rendering.card_content import Card, Said, facts_of
from gitexp.rendering.models import moment_text
from gitexp.review.statistics import Sample, sample
from gitexp.revisions.sides import environment_of
from gitexp.store.stored_run import StoredRun


@click.command()
@click.argument("name", metavar="NAME[@VERSION|#STAGE]", shell_complete=complete_model)
@click.option("-o", "--output", metavar="FILE", help="Where to write it; else to stdout.")
@with_reading_project
def card(project: Project, *, name: str, output: str | None) -> None:
    """Print the model card of a version: Markdown, with the front matter that hubs read.

    It has the metrics with their noise, params, data, evaluations, verifications, environment,
    how to make it again, and where it comes from as a graph.

    \b
    Examples:
      gitexp card digits@1.2.0
      gitexp card digits#prod -o README.md
    """
    source = find_source(project, name)
    if source.run is None:
        raise GitexpError(
            f"'{source.name}' is on a commit that is not a run, so there is nothing to tell",
            hint="`gitexp promote RUN NAME` makes versions of runs.",
        )
    note_unpulled(project, {source.run.id: source.run.name})
    text = card_text(_card(project, source, source.run))
    if output is None:
        click.echo(text, nl=False)
        return
    place = project.repository.top / project.directory / output
    check_output(project, place)
    try:
        place.write_bytes(marked(text.encode()))
    except OSError as error:
        raise GitexpError(f"cannot write '{output}': {error.strerror or error}") from error
    say(output)


def _card(project: Project, source: Source, run: StoredRun) -> Card:
    version, record = source.version, run.record
    made = version.registration
    said = trailers(made.message)
    writers = project.runs.index.writers(record)
    models = read_models(read_events(project.repository))
    held = models[version.model].stages
    return Card(
        model=version.model,
        version=version.name,
        stages=tuple(stage for stage, one in sorted(held.items()) if one == version),
        path=source.path,
        md5=source.md5,
        record=record,
        oid=run.oid,
        tag=made.tag,
        promoted=moment_text(made.time),
        by=made.by,
        words=words_of(made.message),
        override=said.get(OVERRIDE_TRAILER, ""),
        refused=said.get(REFUSED_TRAILER, ""),
        library=library_inside(source, run),
        packages=environment_of(source.project, run.oid, record) or {},
        writers={path: writer.name for path, writer in writers.items()},
        repeats=_repeats(source.project, run),
        metrics=measured(flat_values(record.metrics), project.config.policy),
        params=flat_values(record.params),
        evaluations=tuple(Said(one.time, one.who, {}) for one in run.facts.evaluations),
        verifications=tuple(map(_said, verifications_of(source.project, run))),
        held_out=run.facts.held_out,
        remote=public_address(project),
    )


def _said(one: Verified) -> Said:
    return Said(one.time, one.who, facts_of(one.answer))


def _repeats(project: Project, run: StoredRun) -> dict[str, Sample]:
    """Return the numbers of a run and its repeats by flat name."""
    found: dict[str, list[float]] = {}
    for metrics in repeats_of(project, run).metrics():
        for name, value in flat_values(metrics).items():
            if is_number(value):
                found.setdefault(name, []).append(value)
    return {name: sample(values) for name, values in found.items()}
