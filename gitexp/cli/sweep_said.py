"""What the words and options of `gitexp sweep` mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import click

from gitexp.cli.sweep_engine import engine_jobs
from gitexp.cli.sweep_options import METRICS
from gitexp.cli.sweep_words import command_to_run
from gitexp.errors import GitexpError
from gitexp.settings.sweep import SweepSettings
from gitexp.sweep.asked import Asked
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.places import jobs_of, slots_of


def options_of(
    settings: SweepSettings, points: int | None, said: Mapping[str, Any], script: str | None
) -> SweepOptions:
    """Return how the sweep is to be worked on: as the command line says, else as the settings."""
    places = slots_of(said["gpus"], said["slots"])
    at_once = None
    if said["engine"] is None:
        jobs = jobs_of(said["jobs"], places, settings.jobs)
    else:
        jobs, at_once = engine_jobs(said, script)
    threads, timeout = said["threads"], said["timeout"]
    limits = ("asap", "max_time", "max_failures", "again", "count")
    same = (*limits, "is_agent", "follow", "as_json", "engine")
    return SweepOptions(
        points=points,
        jobs=jobs,
        at_once=at_once,
        slots=places,
        threads=settings.threads if threads is None else threads,
        timeout=settings.timeout if timeout is None else timeout,
        lease=settings.lease,
        copied=(*settings.copied, *said["copied"]),
        allow_secrets=said["allow_secrets"],
        **{name: said[name] for name in same},
    )


def asked_of(points_file: str | None, how: SweepOptions, said: Mapping[str, Any]) -> Asked:
    """Return what makes the sweep what it is."""
    same = ("words", "space_file", "such_that", "sampler", "options", "seed", "repeat")
    more = ("repeat_key", "window", "name", "message", "expect", "allow_secrets")
    prune = ("prune_on", "prune_step", "prune_file", "pruner", "prune_options", "no_prune")
    return Asked(
        command=command_to_run(),
        points_file=points_file,
        fixed=said["overrides"],
        points=how.points,
        metrics=tuple(click.get_current_context().meta.get(METRICS, ())),
        jobs=how.jobs,
        **{name: said[name] for name in (*same, *more, *prune)},
    )


def points_of(text: str | None, number: int | None) -> tuple[str | None, int | None]:
    """Return the file of points and how many there are to be; `--points 24` is `-N 24`."""
    if text is None or not re.fullmatch(r"[0-9]{1,9}", text):
        return text, number
    if number is not None:
        raise GitexpError("`--points` and `-N` both say how many points", "Use one of them.")
    if int(text) < 1:
        raise GitexpError("no points to try", "Give a number from 1 on.")
    return None, int(text)


def check_agent(how: SweepOptions, resume: str | None) -> None:
    if how.is_agent and resume is None:
        raise GitexpError(
            "an agent needs a sweep that has begun",
            hint="Name it: `gitexp sweep --agent --resume SWEEP`.",
        )
    if how.count is not None and not how.is_agent:
        raise GitexpError("`--count` is for an agent", "Add `--agent`, or use `-N`.")
