"""The message of a run's commit: a subject for `git log --oneline`, the user's words, trailers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from gitexp.model.command.text import command_text
from gitexp.model.hypothesis import Hypothesis
from gitexp.model.numbers import difference, duration_text, number_text, pair_texts, signed_text
from gitexp.model.policy import Policy
from gitexp.model.record import Documents, RunRecord, inputs_text
from gitexp.model.values import flatten, is_number

_MOST_METRICS = 3
_TRAILER_LIKE = r"(?m)^(?=[A-Za-z0-9-]+[ \t]*:|\(cherry picked from |---(?:\s|$))"
"""What git may take for a trailer, or for the line that ends a message before a patch."""

_INTERRUPTED = {"timeout": "timed out", **{one: one for one in ("pruned", "stopped", "lost")}}
_NO_TEXT = r"[\x00-\x1f\x7f\udc80-\udcff]"
_NO_SUBJECT = r"(?!\s)[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
"""What a terminal acts upon, or what turns the letters after it around."""
_QUOTED = r"\\(?:x([0-9a-f]{2})|\\)"

RUN_TRAILER = "Gitexp-Run"
BASELINE_TRAILER = "Gitexp-Baseline"
INPUTS_TRAILER = "Gitexp-Inputs"
PROJECT_TRAILER = "Gitexp-Project"
SWEEP_TRAILER = "Gitexp-Sweep"
FROM_RUN_TRAILER = "Gitexp-From-Run"
OVERRIDE_TRAILER = "Gitexp-Override"
"""On commits that hold what a run made and are not runs themselves."""


class Before(Struct, frozen=True):
    """What a run is measured against."""

    metrics: Documents = {}
    name: str = ""
    """What it is called, unless everybody takes it for that: the run just before."""


def message_text(record: RunRecord, policy: Policy, previous: Documents) -> str:
    """Return the whole message of a run's commit.

    `previous` holds the metrics that the subject's changes are measured from. Lines of
    the user's message that git would take for trailers are indented by a space.
    """
    parts = [subject(record, policy, previous)]
    if record.message.strip():
        parts.append(without_trailers(record.message.strip()))
    if record.hypothesis is not None:
        parts.append(without_trailers(_on_one_line(f"Expected {_expected(record.hypothesis)}")))
    parts.append("\n".join(f"{key}: {value}" for key, value in _trailers(record)))
    return "\n\n".join(parts) + "\n"


def without_trailers(text: str) -> str:
    """Return a user's text with the lines indented that git would take for trailers."""
    return re.sub(_TRAILER_LIKE, " ", text)


def subject(record: RunRecord, policy: Policy, previous: Documents, called: str = "") -> str:
    """Return the first line: the name, and either the main metrics or how the run ended.

    Where `previous` is `called` something, the first change says so.
    """
    told = f"; {record.verdict}" if record.verdict is not None and record.status == "done" else ""
    return _on_one_line(f"{record.name}: {_outcome(record, policy, previous, called)}{told}")


def last_line(record: RunRecord, policy: Policy, before: Before) -> str:
    """Return a run in a line: its subject, and what its changes are from."""
    return subject(record, policy, before.metrics, before.name)


def _on_one_line(text: str) -> str:
    if not text.isprintable():  # a metric's name may hold anything
        text = re.sub(_NO_SUBJECT, "?", text)
    return " ".join(text.split())


def _expected(hypothesis: Hypothesis) -> str:
    verdict = hypothesis.verdict
    return hypothesis.expect if verdict is None else f"{hypothesis.expect}: {verdict}"


def _outcome(record: RunRecord, policy: Policy, previous: Documents, called: str) -> str:
    took = duration_text(record.duration)
    if record.status == "interrupted":
        what = _INTERRUPTED.get(record.exit.reason or "")
        return f"{what or 'interrupted'} after {took}"
    if record.status == "failed":
        code = record.exit.code
        how = f"exit code {code}" if code is not None else record.exit.signal or "no status"
        return f"failed with {how} after {took}"
    metrics = numbers_by_name(record.metrics)
    if not metrics:
        return f"done in {took}" if record.command else "recorded without metrics"
    before = _numbers_before(record.metrics, previous)
    chosen = main_metrics(metrics, policy)
    first = next((name for name in chosen if name in before), "")
    origins = {first: f" from {called}"} if called else {}
    return ", ".join(
        _metric(name, metrics[name], before.get(name), origins.get(name, "")) for name in chosen
    )


def _metric(name: str, value: float, before: float | None, origin: str) -> str:
    if before is None:
        return f"{name} {number_text(value)}"
    _, text = pair_texts(before, value)
    return f"{name} {text} ({signed_text(difference(before, value))}{origin})"


def numbers_by_name(metrics: Documents) -> dict[str, float]:
    """Return the numbers of all files by flat name; of equal names the first file's counts."""
    return {name: next(iter(values.values())) for name, values in _by_file(metrics).items()}


def _numbers_before(metrics: Documents, previous: Documents) -> dict[str, float]:
    """Return what each number was before: in its file, or the only one that had it, then as now."""
    found: dict[str, float] = {}
    before = _by_file(previous)
    for name, values in _by_file(metrics).items():
        file, theirs = next(iter(values)), before.get(name, {})
        if len(values) == len(theirs) == 1:
            found[name] = next(iter(theirs.values()))
        elif file in theirs:
            found[name] = theirs[file]
    return found


def _by_file(metrics: Documents) -> dict[str, dict[str, float]]:
    """Return the numbers by flat name, each by the files that have it."""
    found: dict[str, dict[str, float]] = {}
    for file, values in metrics.items():
        for name, value in flatten(values).items():
            if is_number(value):
                found.setdefault(name, {})[file] = value
    return found


def main_metrics(metrics: Iterable[str], policy: Policy) -> list[str]:
    """Return the names of the metrics that matter most, those of the policy first."""
    return policy.ordered(metrics)[:_MOST_METRICS]


def _trailers(record: RunRecord) -> Iterable[tuple[str, str]]:
    yield RUN_TRAILER, record.id
    yield "Gitexp-Name", record.name
    yield "Gitexp-Status", record.status
    yield BASELINE_TRAILER, record.baseline
    if record.project:
        yield PROJECT_TRAILER, quoted_path(record.project)
    yield INPUTS_TRAILER, inputs_text(record.inputs)
    if record.sweep is not None and record.point is not None:
        yield SWEEP_TRAILER, f"{record.sweep}/{record.point.number}"
    if record.command:
        yield "Gitexp-Command", command_text(record.command)
    yield "Gitexp-Version", record.gitexp


def quoted_path(path: str) -> str:
    r"""Return a path on one line and in UTF-8, other bytes as `\xHH` and backslashes doubled.

    >>> quoted_path("a\\b\n")
    'a\\\\b\\x0a'
    """
    doubled = path.replace("\\", "\\\\")
    return re.sub(_NO_TEXT, lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", doubled)


def unquoted_path(text: str) -> str:
    r"""Return what `quoted_path` quoted."""
    return re.sub(_QUOTED, _unquoted, text)


def _unquoted(match: re.Match[str]) -> str:
    if match[1] is None:
        return "\\"
    byte = int(match[1], 16)
    return chr(byte) if byte < 0x80 else chr(0xDC00 + byte)  # noqa: PLR2004 - as surrogateescape


def trailers(message: str) -> Mapping[str, str]:
    """Return the trailers of a run's message, as far as gitexp wrote them."""
    last = message.rstrip().rpartition("\n\n")[2]
    pairs = (line.partition(":") for line in last.split("\n"))  # as git: no other line ends
    return {key: value[1:] for key, _, value in pairs if key.startswith("Gitexp-")}


def words_of(message: str) -> str:
    r"""Return what a person said in a message: neither its subject nor its trailers.

    >>> words_of("Register digits v0.0.1: one\n\nbetter\n\nGitexp-Run: 0a")
    'better'
    """
    parts = message.split("\n\n")[1:]
    if parts and trailers(message):
        parts = parts[:-1]
    return "\n\n".join(parts).strip()
