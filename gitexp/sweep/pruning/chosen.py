"""By what runs are cut off: from the command line, else from the settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from gitexp.errors import GitexpError
from gitexp.model.policy import Goal, Policy
from gitexp.settings.config import Config
from gitexp.settings.sweep import Prune
from gitexp.sweep.asked import Asked
from gitexp.sweep.choosing import read_options
from gitexp.sweep.sweep import Objective, Pruning

_PATTERN = re.compile(r"[*?]|\[[^\]]*\]")
_NAMED = ("prune_step", "prune_file", "pruner", "prune_options")


def read_pruning(asked: Asked, config: Config, objectives: Sequence[Objective]) -> Pruning | None:
    """Return how runs are cut off; None if none is."""
    said = Prune(asked.prune_on) if asked.prune_on is not None else config.sweep.prune
    if asked.no_prune or said is None:
        if asked.no_prune and asked.prune_on is not None:
            raise GitexpError("`--prune-on` and `--no-prune` exclude each other", "Leave one out.")
        if any(getattr(asked, name) for name in _NAMED):
            raise GitexpError(
                "nothing says by which value runs are to be cut off", "Add `--prune-on METRIC`."
            )
        return None
    file = asked.prune_file or said.file
    _check_file(file)
    return Pruning(
        said.metric,
        _goal(said.metric, objectives, config.policy),
        asked.pruner or said.pruner,
        read_options(asked.prune_options) or said.options,
        asked.prune_step or said.step,
        file,
    )


def _goal(metric: str, objectives: Sequence[Objective], policy: Policy) -> Goal:
    """Return what is better: as for the objective of that name, else as the policy says."""
    last = _last_part(metric)
    for one in objectives:
        if one.metric == metric or _last_part(one.metric) == last:
            return one.goal
    rule = policy.rule(metric) or policy.rule(last)
    if rule is None or rule.goal is None:
        raise GitexpError(
            f"nothing says whether a high or a low '{metric}' is better",
            f"Set `policy: {{{metric}: {{goal: min}}}}` in gitexp.yaml, or `max`.",
        )
    return rule.goal


def _last_part(metric: str) -> str:
    return metric.rpartition(":")[2].replace("/", ".").rpartition(".")[2]


def _check_file(name: str | None) -> None:
    path = PurePosixPath(name or ".")
    if path.is_absolute() or ".." in path.parts:
        raise GitexpError(
            f"the progress file '{name}' is not in the project",
            "Give its path from the project's folder, such as `logs/progress.jsonl`.",
        )
    if _PATTERN.search(name or ""):
        raise GitexpError(
            f"the progress file '{name}' is a pattern, and one file is followed",
            "Have each run write the same file, `logs/log.csv`: it has a copy of its own.",
        )
