"""Rules of a policy whose names are slips for metrics that there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gitexp.comparison.naming import are_one, key_of
from gitexp.model.policy import Policy, is_pattern

_ALIKE = 0.8
"""How alike two names are of which one is a slip for the other; `val_loss` is none for `loss`."""


def slips(policy: Policy, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each rule that no metric has, with the metric without a rule that is spelt like it.

    Another command may write what these runs do not: `test.f1` is no slip for `val.f1`.

    >>> from gitexp.model.policy import Rule
    >>> policy = Policy((("acuracy", Rule("max")), ("test.f1", Rule("max"))))
    >>> list(slips(policy, ["val.accuracy", "val.f1"]))
    [('acuracy', 'val.accuracy')]
    """
    ruled = [name for name, rule in policy.rules if not is_pattern(name) and rule.required is None]
    idle = [one for one in ruled if not any(are_one(one, name) for name in names)]
    if not idle:
        return
    import difflib  # noqa: PLC0415 - 1 ms, where a rule is idle

    free = dict.fromkeys(key_of(name) for name in names if policy.rule(key_of(name)) is None)
    for name in idle:
        start, _, last = name.rpartition(".")
        parts = {one: one.rpartition(".") for one in free}
        beside = {of[2]: one for one, of in parts.items() if start in ("", of[0])}
        close = difflib.get_close_matches(last, beside, n=1, cutoff=_ALIKE)
        if close:
            yield name, beside[close[0]]
