"""One run made again to see whether it gives the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from gitexp.comparison.query.run_values import flat_values
from gitexp.errors import GitexpError
from gitexp.execution.stages import Ending
from gitexp.model.paths import ProjectPath
from gitexp.model.policy import Policy, Rule
from gitexp.model.record import RunRecord
from gitexp.model.values import Value, is_number, same
from gitexp.model.verification import (
    Machine,
    MetricAnswer,
    OutputAnswer,
    Verification,
    result_of,
)
from gitexp.project import Project
from gitexp.rerunning.compared import ComparedOutputs
from gitexp.rerunning.original import Original
from gitexp.rerunning.outputs import compare_outputs
from gitexp.rerunning.reasons import between_reruns, reasons_between, reasons_of_failure
from gitexp.rerunning.rerun import Wanted, rerun
from gitexp.store.stored_run import StoredRun

Tell = Callable[[str], None]


class Demand(Struct, frozen=True):
    """How a run is to be verified."""

    tolerances: tuple[tuple[str, float], ...] = ()
    """By the name of a metric; '*' stands for any characters."""
    repeat: int = 1
    unpickle: bool = False
    by_hash: bool = False
    """Whether outputs whose first version is gone are compared by their hashes alone."""


class Compared(Struct, frozen=True):
    """An answer, and the last of the reruns that it is about."""

    answer: Verification
    ending: Ending


def check_verifiable(project: Project, original: Original, demand: Demand) -> None:
    """Raise GitexpError for a run that there is nothing to compare with."""
    record = original.record
    if record.status != "done":
        raise GitexpError(
            f"run '{original.run.name}' did not end well ({record.status}), so there is "
            "nothing to compare with",
            hint=f"`gitexp rerun {original.run.name}` runs it again.",
        )
    models = [one for one in record.pointers if one.role == "output"]
    if not models or demand.by_hash:
        return
    from gitexp.data.pointers import Pointer  # noqa: PLC0415 - 20 ms with those below, where there are models
    from gitexp.pointers.source import ProjectData  # noqa: PLC0415

    with ProjectData(project) as source:
        wanted = {
            one.path: Pointer(project.path(ProjectPath(one.path)), one.md5, one.size, one.nfiles)
            for one in models
        }
        reason = source.fetch_missing(wanted.values())
        gone = next((name for name in wanted if not source.is_sound(wanted[name])), None)
    if gone is not None:
        raise GitexpError(
            f"'{gone}', which run '{original.run.name}' wrote, is gone (md5 {wanted[gone].md5})",
            hint="It is not in the DVC cache, and "
            f"{reason or 'the remote does not have it'}; `--by-hash` compares it by that hash.",
        )


def verify(
    project: Project, original: Original, demand: Demand, wanted: Wanted, tell: Tell
) -> Compared:
    """Run the command again, as often as is demanded, and compare what it gives."""
    endings: list[Ending] = []
    for _ in range(demand.repeat):
        endings.append(rerun(project, original, wanted, tell))
        if endings[-1].record.status != "done":
            break
    ending = endings[-1]
    by = None if wanted.unrecorded else ending.record.id
    if ending.record.status != "done":
        answer = _failed(project, original, ending)
    else:
        answer = _compared(project, original, demand, endings)
    answer = replace(answer, on=_machine(ending.record), by=by, reruns=len(endings))
    return Compared(answer, ending)


def _machine(record: RunRecord) -> Machine:
    return Machine(record.host, record.platform, record.python)


def _failed(project: Project, original: Original, ending: Ending) -> Verification:
    ended = ending.record.exit
    how = f"exit code {ended.code}" if ended.code is not None else ended.reason or ended.signal
    return Verification(
        "failed",
        reasons=(
            f"the command ended with {how}",
            *reasons_of_failure(project, original.run, ending.run),
        ),
    )


def _compared(
    project: Project, original: Original, demand: Demand, endings: Sequence[Ending]
) -> Verification:
    first, again = original.run, endings[-1].run
    policies = _given(demand), project.config.policy
    metrics = _worst(
        _METRICS, [compare_metrics(first.record, one.record, policies) for one in endings]
    )
    compared = [_outputs(project, first, one.run, demand) for one in endings]
    outputs = _worst(_OUTPUTS, [one.answers for one in compared])
    result = result_of(metrics, outputs)
    if result in ("reproduced", "nothing to compare"):
        return Verification(result, metrics, outputs)
    reasons = (
        *dict.fromkeys(reason for one in compared for reason in one.reasons),
        *_among(endings),
        *reasons_between(project, first, again),
    )
    return Verification(result, metrics, outputs, reasons or (_UNKNOWN,))


_UNKNOWN = (
    "nothing that gitexp records was different the second time; it may be chance, "
    "which `--repeat 3` would show"
)


_METRICS: tuple[MetricAnswer, ...] = ("equal", "within tolerance", "differs", "new", "missing")
_OUTPUTS: tuple[OutputAnswer, ...] = ("equal", "equal in content", "unknown", "different")
"""Answers, the best first."""

_Word = TypeVar("_Word", MetricAnswer, OutputAnswer)


def _worst(order: Sequence[_Word], answers: Iterable[Mapping[str, _Word]]) -> dict[str, _Word]:
    """Return the worst of the answers to each name."""
    found: dict[str, _Word] = {}
    for one in answers:
        for name, word in one.items():
            before = found.get(name, order[0])
            found[name] = max(before, word, key=order.index)
    return found


def _outputs(
    project: Project, first: StoredRun, again: StoredRun, demand: Demand
) -> ComparedOutputs:
    python = again.record.environment
    with TemporaryDirectory(prefix="gitexp-") as scratch:
        return compare_outputs(
            project,
            (first, again),
            Path(scratch),
            [python] if python else [],
            unpickle=demand.unpickle,
        )


def _given(demand: Demand) -> Policy:
    """Return the tolerances that were given, which come before those of the settings."""
    return Policy(tuple((name, Rule(tolerance=most)) for name, most in demand.tolerances))


def compare_metrics(
    first: RunRecord, again: RunRecord, policies: Sequence[Policy]
) -> dict[str, MetricAnswer]:
    """Compare the metrics of two runs by what the first policy with a rule tolerates."""
    old, new = flat_values(first.metrics), flat_values(again.metrics)
    found: dict[str, MetricAnswer] = {}
    for name in policies[-1].ordered(dict.fromkeys((*old, *new))):
        if name not in old:
            found[name] = "new"
        elif name not in new:
            found[name] = "missing"
        else:
            found[name] = _metric(name, old[name], new[name], policies)
    return found


def _metric(name: str, old: Value, new: Value, policies: Sequence[Policy]) -> MetricAnswer:
    if same(old, new):
        return "equal"
    names = (name, name.rpartition(":")[2])
    rules = (policy.rule(one) for policy in policies for one in names)
    rule = next((rule for rule in rules if rule is not None), None)
    if rule is not None and is_number(old) and is_number(new) and rule.tolerates(old, new):
        return "within tolerance"
    return "differs"


def _among(endings: Sequence[Ending]) -> Iterator[str]:
    if len(endings) == 1:
        return
    found = between_reruns((flat_values(one.record.metrics), _hashes(one.run)) for one in endings)
    yield found or f"{len(endings)} reruns gave the same each time, so it is not chance"


def _hashes(run: StoredRun) -> Mapping[str, str]:
    return {one.path: one.md5 for one in run.record.pointers if one.role == "output"}
