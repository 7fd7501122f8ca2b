"""The rules of a policy that no metric has, and what they may have meant to be called."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gitexp.model.policy import Policy, is_pattern, name_pattern


def idle_rules(
    policy: Policy, names: Collection[str], in_files: Collection[str] = ()
) -> Iterator[str]:
    """Yield the phrase for each rule that guards nothing, because no metric has its name.

    `in_files` are the metrics by `FILE:metric`, as a rule for that of one file has it.

    A metric that is required is already reported if it is lacking, and one that is not
    (`required: false`) may be.

    >>> from gitexp.model.policy import Rule
    >>> list(idle_rules(Policy((("accuracy", Rule("max")),)), ["test.accuracy"]))
    ["policy: no metric is called 'accuracy'; did you mean 'test.accuracy'?"]
    """
    for name, rule in policy.rules:
        known = {*names, *in_files} if ":" in name else names
        if rule.required is None and not _is_met(name, known):
            close = _close(name, known)
            meant = f"; did you mean '{close}'?" if close else ""
            yield f"policy: no metric is called '{name}'{meant}"


def _is_met(name: str, names: Collection[str]) -> bool:
    if not is_pattern(name):
        return name in names
    pattern = name_pattern(name)
    return any(map(pattern.fullmatch, names))


def _close(name: str, names: Collection[str]) -> str | None:
    """Return the metric or pattern that was probably meant: nested otherwise, or spelt alike."""
    import difflib  # noqa: PLC0415 - 1 ms, where a rule is idle

    pattern = is_pattern(name)
    if not pattern and ":" not in name:
        last = name.rpartition(".")[2]
        nested = [one for one in sorted(names) if one.rpartition(".")[2] == last]
        if nested:
            return nested[0]
    known = sorted(set().union(*map(_patterns, names))) if pattern else sorted(names)
    return next(iter(difflib.get_close_matches(name, known, n=1)), None)


def _patterns(name: str) -> Iterator[str]:
    """Yield the patterns that people write for a metric and its neighbours."""
    parts = name.split(".")
    for at in range(1, len(parts)):
        yield f"{'.'.join(parts[:at])}.*"
        yield f"*.{'.'.join(parts[at:])}"
