"""What a promotion demands: the setting `promote`, as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from gitexp.model.policy import Policy, Rule

Requirement = Literal["verified", "evaluated", "reviewed", "signed"]


class Demands(Struct, frozen=True):
    """What is demanded of a run."""

    require: tuple[Requirement, ...] = ()
    metrics: Policy = field(default_factory=Policy)


class Promotion(Struct, frozen=True):
    """The demands on every promotion, what single stages add to them, and what happens then."""

    demands: Demands = Demands()
    stages: Mapping[str, Demands] = field(default_factory=dict)
    push: bool = False
    """Whether tags are pushed without being asked to."""

    def of(self, stage: str) -> Demands:
        """Return what is demanded for a stage; '' stands for none.

        >>> rules = Promotion(Demands(("verified",)), {"prod": Demands(("reviewed",))})
        >>> rules.of("prod").require, rules.of("").require
        (('verified', 'reviewed'), ('verified',))
        """
        added = self.stages.get(stage, Demands())
        require = tuple(dict.fromkeys((*self.demands.require, *added.require)))
        known = dict(self.demands.metrics.rules) | dict(added.metrics.rules)
        return Demands(require, Policy(tuple((name, _wanted(known[name])) for name in known)))


def _wanted(rule: Rule) -> Rule:
    """Return a rule that a missing metric breaks: here nothing has to be there before."""
    needed = rule.required is None and rule.limits
    return replace(rule, required=True) if needed else rule
