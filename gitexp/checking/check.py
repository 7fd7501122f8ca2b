"""One revision, checked against all that is demanded of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gitexp.checking.data import DataPlaces, find_data
from gitexp.comparison.changes import Side
from gitexp.data.pointers import Pointer
from gitexp.model.numbers import counted
from gitexp.project import Project
from gitexp.review.checks import Check, Finding, Topic, freshness_findings, policy_findings
from gitexp.review.freshness import Freshness, without_paths
from gitexp.review.verdict import judge_alone
from gitexp.review.words import listed, named
from gitexp.revisions.reading import InConflict, Reading
from gitexp.settings.config import Config
from gitexp.store.fetched import has_runs

_HELPFUL = ("Did you mean", "Quote ")
"""The first words of hints that say what is wrong with a file."""


def check_revision(
    project: Project,
    reading: Reading,
    *,
    ask_remote: bool,
    freshness: Iterable[Freshness] | None = None,
    by_policy: bool = True,
    signed: bool = False,
) -> Check:
    """Check a revision; `freshness` is which runs its metrics are of, if that was asked before.

    Without `by_policy` it is left to somebody else to judge the metrics: a verdict on a change
    holds them against the same rules. With `signed`, the runs behind the metrics have to be, even
    if the revision's own settings do not say so.
    """
    label, config = reading.revision.label, reading.settings
    if config is None:
        return Check(label, tuple(_broken(reading))[:1])
    lacks_logged = _add_logged(reading)
    side, pointers = reading.side, [pointer for _, pointer in reading.pointers]
    findings = [
        *(list(_broken(reading)) or [Finding("files", "ok", _read_words(config, side, pointers))]),
        *_away(reading),
        *_data_findings(find_data(project, pointers, ask_remote=ask_remote), asked=ask_remote),
        *(_by_policy(reading) if by_policy else ()),
        *(_not_logged(config) if lacks_logged else ()),
        *_freshness(project, reading, freshness, signed=signed),
    ]
    return Check(label, tuple(findings))


def _add_logged(reading: Reading) -> bool:
    """Give a revision what trackers logged in its run; return whether no run is known."""
    if not reading.config.capture:
        return False
    from gitexp.inputs.logged import add_logged  # noqa: PLC0415 - 6 ms, where something is captured

    return add_logged(reading)


def _not_logged(config: Config) -> Iterator[Finding]:
    words = (
        f"what `capture` names ({listed(list(config.capture))}) stands in no file, and no run is "
        "known here that has logged it for this"
    )
    yield Finding("freshness", "note", words, "capture")


def _broken(reading: Reading) -> Iterator[Finding]:
    """Yield what is wrong with files, as far as it is known by now."""
    for path, error in reading.problems.items():
        close = f". {error.hint}" if (error.hint or "").startswith(_HELPFUL) else ""
        topic: Topic = "conflicts" if isinstance(error, InConflict) else "files"
        yield Finding(topic, "wrong", f"{error}{close}", path)


def _away(reading: Reading) -> Iterator[Finding]:
    """Yield a note for each link to where values are not read from."""
    for path, error in reading.away.items():
        yield Finding("files", "note", f"{error}: no values are read from it", path)


def _read_words(config: Config, side: Side, pointers: list[Pointer]) -> str:
    counts = {
        "params file": len(side.params),
        "metrics file": len(side.metrics),
        "pointer": len(pointers),
    }
    parts = [counted(count, what) for what, count in counts.items() if count]
    if not parts:
        return "no params, metrics or pointers are here"
    bare = not side.metrics and not config.policy.rules  # another finding reports on a policy
    return f"{listed(parts)} can be read" + ("; there are no metrics" if bare else "")


def _data_findings(places: DataPlaces, *, asked: bool) -> Iterator[Finding]:
    if places.here:
        yield Finding("data", "ok", f"{_pointers(places.here)} is in the DVC cache")
    if places.remote:
        yield Finding("data", "ok", f"{_pointers(places.remote)} is on a DVC remote")
    if places.problem is not None:
        words = f"{_pointers(places.nowhere)} is not in the DVC cache, and {places.problem}"
        yield Finding("data", "wrong", words)
    elif asked:
        for name in places.nowhere:
            words = f"the data of {name} is neither in the DVC cache nor on a DVC remote"
            yield Finding("data", "wrong", words, name)
    elif places.nowhere:
        words = f"{_pointers(places.nowhere)} is not in the DVC cache; `--remote` asks the remote"
        yield Finding("data", "note", words)


def _pointers(names: tuple[str, ...]) -> str:
    return f"the data of {named(list(names))}"


def _by_policy(reading: Reading) -> Iterator[Finding]:
    config, unread = reading.config, reading.unread_metrics
    return policy_findings(judge_alone(reading.side, config.policy, config.review, unread=unread))


def _here(reading: Reading, found: Sequence[Freshness]) -> Sequence[Freshness]:
    if all(one.fresh for one in found):
        return found
    from gitexp.checking.uncommitted import with_uncommitted  # noqa: PLC0415 - 1 ms, where it is stale

    return with_uncommitted(reading, found)


def _freshness(
    project: Project, reading: Reading, known: Iterable[Freshness] | None, *, signed: bool
) -> Iterator[Finding]:
    if not reading.side.metrics:
        return
    demands_signed = signed or reading.config.review.signatures == "required"
    if not has_runs(project.runs, project.config):
        words = "no run is recorded here, so nothing says which run made the metrics"
        yield Finding("freshness", "note", words)
        if demands_signed:
            yield Finding("signatures", "wrong", "no run is recorded here, so none is signed")
        return
    from gitexp.inputs.freshness import read_freshness  # noqa: PLC0415 - 6 ms, where there are runs

    found = _here(reading, read_freshness(reading)) if known is None else known
    if not reading.revision.is_commit:
        broken = frozenset(map(project.name, reading.problems))
        found = [without_paths(one, broken) for one in found]
    found = list(found)
    yield from freshness_findings(found)
    if demands_signed:
        from gitexp.checking.signed import signed_findings  # noqa: PLC0415 - 2 ms, where it is demanded

        yield from signed_findings(project, found)
