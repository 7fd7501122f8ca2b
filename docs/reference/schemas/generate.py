"""The JSON Schemas of what commands print with `--json`, from the types that they print.

`python docs/reference/schemas/generate.py` writes them, `--check` says whether they are up to date.
"""  # noqa: INP001 - a script beside the files that it writes

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from msgspec import Struct
from shapes import (
    ANY,
    FLOAT,
    NUMBER,
    TEXT,
    TRUTH,
    WHOLE,
    Schema,
    arr,
    by_name,
    fields_of,
    hints_of,
    null,
    obj,
    typed,
    with_seldom,
    without,
)

from gitexp.comparison.changes import CodeStatus
from gitexp.doctor.finding import Finding as DoctorFinding
from gitexp.hooks.names import HookState
from gitexp.model.hypothesis import Hypothesis
from gitexp.model.imported import ImportedRun
from gitexp.model.record import Comment, DataPointer, Exit, Inputs, Resources, RunRecord
from gitexp.model.verification import Verification
from gitexp.plots.chart import Lines, Matrix, Parallel, Points
from gitexp.rendering.gc import Part
from gitexp.rendering.imported import ImportRow
from gitexp.rendering.models import ListedVersion, ToldEvent
from gitexp.rendering.signatures import SignedRun
from gitexp.review.checks import CheckMark, Topic
from gitexp.review.judged import Outcome as MetricOutcome
from gitexp.store.running import State as RunningState
from gitexp.sweep.importance import Importance
from gitexp.sweep.progress import Outcome as PointOutcome

HERE = Path(__file__).parent
SELDOM = (
    *("series", "figures", "artifacts", "system", "point", "machine"),
    *("read", "job", "notes", "hypothesis", "verified", "evaluations"),
)
"""Fields of a record that are left out where there is nothing to say."""


def record(**more: Schema) -> Schema:
    """Return a run's record with its oid; fields that are seldom there are not needed."""
    hints = hints_of(RunRecord)
    fields = {
        name: typed(hints[name])
        for name in RunRecord.__struct_fields__
        if name not in (*SELDOM, "extra")
    }
    fields |= {
        "exit": fields_of(Exit),
        "inputs": fields_of(Inputs),
        "resources": fields_of(Resources),
        "pointers": arr(pointer()),
        "comments": arr(fields_of(Comment)),
        "params": by_name(ANY),
        "metrics": by_name(ANY),
    }
    seldom: dict[str, Schema] = {
        **{name: typed(hints[name]) for name in SELDOM},
        "verified": {"type": "object"},
        "evaluations": ANY,
        "hypothesis": fields_of(Hypothesis),
    }
    return obj({"oid": TEXT, "version": WHOLE, **fields, **more}, seldom)


def pointer() -> Schema:
    """Return data of a run, with the run that wrote it where `show` knows one."""
    return with_seldom(fields_of(DataPointer), written_by=obj({"id": TEXT, "name": TEXT}))


UNREADABLE = obj({"oid": TEXT, "error": TEXT})
OF_SAMPLE = {
    **dict.fromkeys(("mean", "min", "max"), NUMBER),
    "standard_deviation": null(NUMBER),
    "n": WHOLE,
}
SAMPLE = obj({**OF_SAMPLE, "values": arr(NUMBER)})
GROUP = obj(
    {
        "name": TEXT,
        "n": WHOLE,
        "failed": WHOLE,
        "runs": arr(obj({"oid": TEXT, "id": TEXT, "name": TEXT, "status": TEXT})),
        "command": arr(TEXT),
        "started": TEXT,
        "ended": TEXT,
        "duration": NUMBER,
        "message": TEXT,
        "metrics": by_name(SAMPLE),
        "params": by_name(ANY),
    },
    {"against": TEXT, "p": null(NUMBER), "within_noise": TRUTH},
)
RUNNING = {
    **dict.fromkeys(("id", "name", "since", "project", "host", "command", "message"), TEXT),
    "status": typed(RunningState),
    "seconds": NUMBER,
    **dict.fromkeys(("sweep", "of_param"), null(TEXT)),
    **dict.fromkeys(("step", "done", "of", "seconds_left", "seconds_silent"), null(NUMBER)),
    "values": by_name(ANY),
    "system": by_name(NUMBER),
}
REPEATS = obj(
    {
        **dict.fromkeys(
            ("old", "new"),
            obj({"values": arr(NUMBER), "mean": NUMBER, "standard_deviation": null(NUMBER)}),
        ),
        "test": null(TEXT),
        **dict.fromkeys(("t", "degrees_of_freedom", "p"), null(NUMBER)),
        "noise": TRUTH,
    }
)
CHANGES = by_name(
    by_name(obj({"old": ANY, "new": ANY}, {"diff": NUMBER, "absent": TEXT, "repeats": REPEATS}))
)
SIDES = by_name(obj({"old": ANY, "new": ANY}))
OF_POINTER = obj({"md5": TEXT, "size": null(WHOLE), "nfiles": null(WHOLE), "role": TEXT})
DIFF = obj(
    {
        "metrics": CHANGES,
        "params": CHANGES,
        "data": by_name(
            obj({"old": null(OF_POINTER), "new": null(OF_POINTER)}, {"old_path": TEXT})
        ),
        "environment": SIDES,
        "machine": SIDES,
        "outputs": by_name(obj({"status": typed(CodeStatus)}, {"old_path": TEXT})),
        "code": by_name(
            obj(
                {"status": typed(CodeStatus), "added": null(WHOLE), "removed": null(WHOLE)},
                {"old_path": TEXT},
            )
        ),
    },
    {
        "command": obj({"old": null(TEXT), "new": null(TEXT)}),
        "hypotheses": by_name(fields_of(Hypothesis)),
    },
)
NAMED = {"file": TEXT, "name": TEXT, "values": by_name(ANY)}
OF_SIDES = arr(obj({"path": TEXT, "values": by_name(ANY)}))
DIFF_OF_MANY = obj(
    {
        "revs": by_name(null(TEXT)),
        "metrics": arr(obj({**NAMED, "best": arr(TEXT)})),
        "params": arr(obj(NAMED)),
        "data": OF_SIDES,
        **dict.fromkeys(
            ("environment", "machine"), arr(obj({"name": TEXT, "values": by_name(ANY)}))
        ),
        "outputs": OF_SIDES,
        "code": OF_SIDES,
    },
    {"command": by_name(null(TEXT))},
)
TREND = obj(
    {
        "metric": TEXT,
        "goal": null({"enum": ["max", "min"]}),
        "runs": arr(
            obj(
                {
                    **dict.fromkeys(("oid", "id", "name", "started"), TEXT),
                    "value": NUMBER,
                    "change": null(NUMBER),
                    "best": null(NUMBER),
                    "improved": TRUTH,
                }
            )
        ),
        "without": WHOLE,
        "without_and_failed": WHOLE,
    }
)
END = obj({"label": TEXT, "oid": null(TEXT)})
VERDICT = obj(
    {
        **dict.fromkeys(("old", "new"), TEXT),
        "passed": TRUTH,
        **dict.fromkeys(("reasons", "notes"), arr(TEXT)),
        "metrics": arr(
            obj(
                {"name": TEXT, "file": TEXT, "diff": null(NUMBER), "outcome": typed(MetricOutcome)},
                {"old": ANY, "new": ANY, "repeats": REPEATS},
            )
        ),
        "rules": arr(
            obj(
                {
                    "subject": TEXT,
                    "file": null(TEXT),
                    "demand": TEXT,
                    "kept": null(TRUTH),
                    "limit": ANY,
                    "found": ANY,
                    "words": TEXT,
                }
            )
        ),
    }
)
REVIEW = obj(
    {
        "project": TEXT,
        "base": END,
        "head": END,
        "passed": TRUTH,
        **dict.fromkeys(("reasons", "notes"), arr(TEXT)),
        "verdict": VERDICT,
        "diff": DIFF,
        "runs": arr(
            obj(
                {
                    "files": arr(TEXT),
                    "name": null(TEXT),
                    "id": null(TEXT),
                    "fresh": null(TRUTH),
                    "words": TEXT,
                }
            )
        ),
        "courses": arr(
            obj({"metric": TEXT, "values": arr(NUMBER), "base": null(NUMBER), "at": null(WHOLE)})
        ),
    }
)
CHECKED = obj(
    {"check": typed(Topic), "mark": typed(CheckMark), "subject": null(TEXT), "words": TEXT}
)
SPREAD = obj({"mean": NUMBER, "standard_deviation": null(NUMBER)})
COUNTED = "points runs done failed pruned stopped covered running".split()
SWEEP = obj(
    {
        "sweep": TEXT,
        "name": TEXT,
        "expect": null(TEXT),
        **dict.fromkeys(COUNTED, WHOLE),
        "points": null(WHOLE),
        "runs": null(WHOLE),
        "given_up": arr(arr(WHOLE)),
        "importance": null(fields_of(Importance)),
        "best": arr(TEXT),
        "best_points": arr(
            obj(
                {
                    "point": WHOLE,
                    "runs": arr(TEXT),
                    "values": by_name(ANY),
                    "metrics": by_name(SPREAD),
                }
            )
        ),
        "settled": arr(
            obj(
                {
                    "point": WHOLE,
                    "repeat": WHOLE,
                    "run": TEXT,
                    "name": TEXT,
                    "outcome": typed(PointOutcome),
                    "covered": TRUTH,
                    "verdict": null(TEXT),
                    "seconds": null(NUMBER),
                    "values": by_name(ANY),
                    "metrics": by_name(null(NUMBER)),
                }
            )
        ),
    }
)
SWEEP_PLAN = obj(
    {
        **dict.fromkeys(("sweep", "name", "sampler"), TEXT),
        "command": arr(TEXT),
        "expect": null(TEXT),
        "inputs": TEXT,
        "points": null(WHOLE),
        "size": null(WHOLE),
        "repeats": WHOLE,
        "undecided": WHOLE,
        "runs": arr(
            obj(
                {
                    "point": WHOLE,
                    "repeat": WHOLE,
                    "values": by_name(ANY),
                    "what": TEXT,
                    "run": null(TEXT),
                }
            )
        ),
    }
)


BY_VALUE = obj(
    {"by": by_name(ANY), "n": WHOLE, "failed": WHOLE, "metrics": by_name(obj(OF_SAMPLE))}
)
PIVOT = obj(
    {
        **dict.fromkeys(("rows", "columns", "value", "agg"), TEXT),
        **dict.fromkeys(("failed", "without"), WHOLE),
        "cells": arr(obj({"row": ANY, "column": ANY, "value": ANY, **OF_SAMPLE})),
    }
)
CHANGE = obj({"delta": null(NUMBER), "relative": null(NUMBER), "mark": TEXT})
AGAINST = {"against": TEXT, "change": by_name(CHANGE)}


def node(kind: str, fields: Schema, seldom: Schema | None = None) -> Schema:
    """Return a node of a lineage of a kind."""
    head = {"number": WHOLE, "kind": {"const": kind}, "label": TEXT}
    return obj({**head, **fields}, seldom)


OF_RUN = dict.fromkeys(("id", "oid", "name", "project", "status", "started"), TEXT)
OF_DATA = {"md5": TEXT, "size": null(WHOLE), "written_by": WHOLE}
OF_MODEL = dict.fromkeys(("model", "version", "commit", "tag"), TEXT)
OF_EVALUATION = {"run": null(TEXT), "time": TEXT, "by": TEXT}
NODES = [
    node("run", {}, {**OF_RUN, "removed": TRUTH}),
    node("data", {**OF_DATA, "paths": arr(TEXT), "versions": arr(TEXT)}),
    node("model", {**OF_MODEL, "md5": null(TEXT), "stages": arr(TEXT), "deprecated": TRUTH}),
    node("stage", {"model": TEXT, "stage": TEXT}),
    node("evaluation", {**OF_EVALUATION, "metrics": by_name(NUMBER), "held_out": by_name(TEXT)}),
]
LINEAGE = obj(
    {
        "root": WHOLE,
        "nodes": arr({"anyOf": NODES}),
        "edges": arr(obj({"from": WHOLE, "to": WHOLE})),
    }
)


def chart(kind: type[Struct]) -> Schema:
    """Return a chart of a kind; points of runs may be of any plain value."""
    return fields_of(kind, kind={"const": kind.__name__.lower()})


CHARTS = {
    "anyOf": [
        *map(chart, (Lines, Points, Parallel, Matrix)),
        obj({"kind": {"const": "images"}, "title": TEXT, "runs": arr(TEXT)}),
        obj({"kind": {"const": "dvc"}, "title": TEXT, "rows": arr(by_name(ANY))}),
    ]
}
WRITTEN = without(record(), "oid", "comments", "verified", "evaluations")
RUNS = arr({"anyOf": [record(), UNREADABLE]})
SHOWN = with_seldom(record(removed=TRUTH), recorded_name=TEXT, packages=by_name(TEXT), log=TEXT)

SCHEMAS: dict[str, tuple[str, Schema]] = {
    "best": (
        "gitexp best METRIC --json",
        arr(with_seldom(record(), group=GROUP)),
    ),
    "check": (
        "gitexp check --json",
        obj({"rev": TEXT, "passed": TRUTH, "findings": arr(CHECKED)}),
    ),
    "diff": ("gitexp diff A B --json", DIFF),
    "diff-many": ("gitexp diff A B C --json", DIFF_OF_MANY),
    "doctor": ("gitexp doctor --json", arr(fields_of(DoctorFinding))),
    "gc": ("gitexp gc --json, gitexp purge --json", arr(fields_of(Part))),
    "hooks-status": ("gitexp hooks status --json", arr(fields_of(HookState))),
    "import-runs": (
        "gitexp import TOOL --json, but for DVC's experiments",
        arr(fields_of(ImportedRun)),
    ),
    "import-dvc": (
        "gitexp import dvc --json",
        arr(fields_of(ImportRow, without=["record"], id=null(TEXT), name=null(TEXT))),
    ),
    "lineage": ("gitexp lineage RUN|PATH|MODEL --json", LINEAGE),
    "ls": ("gitexp ls --json", RUNS),
    "ls-baseline": ("gitexp ls --baseline RUN --json", arr(record(**AGAINST))),
    "ls-group-by": ("gitexp ls --group-by NAME --json", arr(BY_VALUE)),
    "ls-pivot": ("gitexp ls --pivot ROWS COLUMNS VALUE --json", PIVOT),
    "ls-group": ("gitexp ls --group --json, gitexp run --repeat N --json", arr(GROUP)),
    "ls-running": ("gitexp ls --running --json", arr(obj(RUNNING))),
    "models": ("gitexp models --json", arr(fields_of(ListedVersion))),
    "models-history": ("gitexp models history NAME --json", arr(fields_of(ToldEvent))),
    "note": ("gitexp note RUN --json", arr(fields_of(Comment))),
    "plot": ("gitexp plot --json", arr(CHARTS)),
    "review": ("gitexp review --json", REVIEW),
    "run": ("gitexp run --json, gitexp save --json, gitexp rerun --json", WRITTEN),
    "show": ("gitexp show RUN --json", SHOWN),
    "show-running": ("gitexp show RUN --json, of a run under way", obj({**RUNNING, "log": TEXT})),
    "sql": ('gitexp sql "select …" --json', arr(by_name(ANY))),
    "sql-tables": (
        "gitexp sql --json",
        arr(obj({"table": TEXT, "about": TEXT, "columns": arr(TEXT)})),
    ),
    "sweep": ("gitexp sweep … --json", SWEEP),
    "sweep-plan": ("gitexp sweep … --dry-run --json", SWEEP_PLAN),
    "tag": ("gitexp tag RUN --json", arr(TEXT)),
    "tag-all": ("gitexp tag --json", by_name(WHOLE)),
    "trend": ("gitexp trend METRIC --json", TREND),
    "verify": ("gitexp verify RUN --json", fields_of(Verification, run=TEXT)),
    "verify-signatures": ("gitexp verify-signatures RUN --json", arr(fields_of(SignedRun))),
}


def written(name: str) -> str:
    """Return the file of a schema."""
    title, schema = SCHEMAS[name]
    found = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}
    if NUMBER["$ref"] in json.dumps(schema):
        found["$defs"] = {"number": {"anyOf": [{"type": "number"}, FLOAT]}}
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file is stale.")
def main(*, check: bool) -> None:
    """Write the JSON Schemas of gitexp into docs/reference/schemas."""
    there = {path.stem: path.read_text() for path in HERE.glob("*.json")}
    fresh = {name: written(name) for name in SCHEMAS}
    if check and there != fresh:
        click.echo("stale: run `python docs/reference/schemas/generate.py`", err=True)
        sys.exit(1)
    for name, text in fresh.items():
        if there.get(name) != text:
            (HERE / f"{name}.json").write_text(text)


if __name__ == "__main__":
    main()
