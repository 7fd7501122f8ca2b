from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from datetime import datetime
from textwrap import dedent
from typing import Protocol

import pytest

from gitexp.model.policy import Policy
from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.model.record_json import to_json
from gitexp.rendering.formats import FORMATS
from gitexp.rendering.ls import Shown, ls_document
from gitexp.rendering.run_rows import RunRow, UnreadableRun
from gitexp.rendering.table import Document

from tests.rendering.workshop import MakeRun


class List(Protocol):
    """Make the document of a list of runs."""

    def __call__(
        self, *runs: RunRecord | UnreadableRun, shown: Shown | None = None
    ) -> Document: ...


@pytest.fixture
def listed(policy: Policy, now: datetime) -> List:
    """List records, each on a commit of its own: `listed(record, record, shown=…)`."""

    def make(*runs: RunRecord | UnreadableRun, shown: Shown | None = None) -> Document:
        rows: list[RunRow] = [
            each if isinstance(each, UnreadableRun) else (f"{at:040x}", each)
            for at, each in enumerate(runs)
        ]
        return ls_document(rows, policy=policy, now=now, shown=shown)

    return make


@pytest.fixture
def some(run: MakeRun) -> list[RunRecord | UnreadableRun]:
    def params(lr: float, kind: str) -> dict[str, object]:
        return {"params.yaml": {"train": {"lr": lr, "seed": 1}, "model": {"name": kind}}}

    return [
        run(
            "brave-otter-7f",
            params=params(0.1, "mlp"),
            metrics={"metrics.json": {"auc": 0.5, "loss": 0.104, "accuracy": 0.961}},
            message="Does a larger learning rate help when the batch is small?\n\nNo.",
        ),
        run(
            "calm-heron-c1",
            hours_ago=30,
            seconds=75,
            params=params(0.025, "forest"),
            metrics={"metrics.json": {"auc": math.nan, "loss": 12.5, "accuracy": 0.9}},
        ),
        run(
            "keen-wren-9x",
            hours_ago=1000,
            params=params(0.1, "mlp"),
            metrics={},
            status="failed",
            exit=Exit(2),
        ),
        UnreadableRun("f" * 40, "needs gitexp ≥ 2.0"),
    ]


def test_text(listed: List, some: list[RunRecord | UnreadableRun]) -> None:
    assert FORMATS["text"](listed(*some)) == (
        "name             status               started        duration   accuracy     loss"
        "     auc      lr   model.name   message\n"
        "brave-otter-7f   done                 3 h ago             5 s      0.961    0.104"
        "     0.5   0.1     mlp          Does a larger learning rate help when t…\n"
        "calm-heron-c1    done                 1 day ago    1 min 15 s      0.9     12.5  "
        "   nan     0.025   forest\n"
        "keen-wren-9x     failed (2)           2025-11-21          5 s      –        –    "
        "     –     0.1     mlp\n"
        "ffffffffff       needs gitexp ≥ 2.0\n"
    )


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            80,
            """\
            name             status               accuracy     loss      lr   model.name
            brave-otter-7f   done                    0.961    0.104   0.1     mlp
            calm-heron-c1    done                    0.9     12.5     0.025   forest
            keen-wren-9x     failed (2)              –        –       0.1     mlp
            ffffffffff       needs gitexp ≥ 2.0
            Too wide to show: started, duration, auc, message (see --keep, --json)
            """,
        ),
        (
            60,
            """\
            name             status               accuracy     loss
            brave-otter-7f   done                    0.961    0.104
            calm-heron-c1    done                    0.9     12.5
            keen-wren-9x     failed (2)              –        –
            ffffffffff       needs gitexp ≥ 2.0
            Too wide to show: started and 5 more (see --keep, --json)
            """,
        ),
        (
            30,
            """\
            name             status
            brave-otter-7f   done
            calm-heron-c1    done
            keen-wren-9x     failed (2)
            ffffffffff       needs gitexp…
            Too wide to show: 8 columns
            """,
        ),
    ],
)
def test_text_at_several_widths(
    listed: List, some: list[RunRecord | UnreadableRun], width: int, expected: str
) -> None:
    assert FORMATS["text"](listed(*some), width=width) == dedent(expected).replace(
        "DASH", "\N{EN DASH}"
    )


@pytest.mark.parametrize("width", range(1, 140, 7))
def test_no_line_is_wider_than_the_terminal(
    listed: List, some: list[RunRecord | UnreadableRun], width: int
) -> None:
    lines = FORMATS["text"](listed(*some), width=width).splitlines()

    assert max(map(len, lines)) <= max(width, 19)  # two columns of 8, and what is between them


def test_text_in_colour(listed: List, some: list[RunRecord | UnreadableRun]) -> None:
    lines = FORMATS["text"](listed(*some), width=40, colour=True).splitlines()

    assert lines == [
        "\x1b[1mname             status\x1b[0m",
        "brave-otter-7f   done",
        "calm-heron-c1    done",
        "keen-wren-9x     \x1b[31mfailed (2)\x1b[0m",
        "ffffffffff       \x1b[33mneeds gitexp ≥ 2.0\x1b[0m",
        "\x1b[2mToo wide to show: started and 7 more\x1b[0m",
    ]


def test_one_run_has_no_params_that_vary(listed: List, run: MakeRun) -> None:
    assert FORMATS["text"](listed(run())) == dedent("""\
        name             started   duration   accuracy
        brave-otter-7f   3 h ago        5 s        0.9
    """)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("text", "No runs.\n"),
        ("md", "No runs.\n"),
        ("json", "[]\n"),
        ("csv", "oid,id,name,status,started,ended,duration,command,message\n"),
    ],
)
def test_no_runs(listed: List, name: str, expected: str) -> None:
    assert FORMATS[name](listed()) == expected


def test_only_unreadable_runs_are_listed_too(listed: List) -> None:
    assert FORMATS["text"](listed(UnreadableRun("e" * 40, "run.json\nis not JSON"))) == dedent("""\
        name         status                  started   duration
        eeeeeeeeee   run.json\\nis not JSON
    """)


def test_json_is_the_records_as_they_were_recorded(
    listed: List, some: list[RunRecord | UnreadableRun]
) -> None:
    found = json.loads(FORMATS["json"](listed(*some)))

    assert [each.pop("oid") for each in found] == [*(f"{at:040x}" for at in range(3)), "f" * 40]
    assert found[3] == {"error": "needs gitexp ≥ 2.0"}
    assert found[:3] == [
        {**json.loads(to_json(each)), "comments": []}
        for each in some
        if not isinstance(each, UnreadableRun)
    ]


def test_csv_has_everything_under_flat_names(
    listed: List, some: list[RunRecord | UnreadableRun]
) -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](listed(*some)))))

    assert len(rows) == 4
    assert rows[0] == {
        "oid": "0" * 40,
        "id": "7fk2m9q4ab",
        "name": "brave-otter-7f",
        "status": "done",
        "started": "2026-01-02T09:00:00.000Z",
        "ended": "2026-01-02T09:00:05.000Z",
        "duration": "5.0",
        "command": "python train.py",
        "message": "Does a larger learning rate help when the batch is small?\n\nNo.",
        "version": "1",
        "exit.code": "0",
        "baseline": "b" * 40,
        "inputs.oid": "c" * 40,
        "inputs.version": "2",
        "inputs.excluded": "[]",
        "gitexp": "0.1.0",
        "project": "",
        "directory": "",
        "outputs": "[]",
        "changed_meanwhile": "[]",
        "overwritten": "[]",
        "left_out": "[]",
        "pointers": "[]",
        "tags": "[]",
        "comments": "[]",
        "metrics.auc": "0.5",
        "metrics.loss": "0.104",
        "metrics.accuracy": "0.961",
        "params.train.lr": "0.1",
        "params.train.seed": "1",
        "params.model.name": "mlp",
        "error": "",
    }
    assert rows[1]["metrics.auc"] == "nan"
    assert rows[2]["metrics.auc"] == ""
    assert (rows[3]["oid"], rows[3]["status"], rows[3]["error"]) == (
        "f" * 40,
        "unreadable",
        "needs gitexp ≥ 2.0",
    )


def test_markdown(listed: List, some: list[RunRecord | UnreadableRun]) -> None:
    assert FORMATS["md"](listed(*some)) == dedent("""\
        | name | status | started | duration | accuracy | loss | auc | lr | model.name | message |
        | --- | --- | --- | --: | --: | --: | --: | --: | --- | --- |
        | `brave-otter-7f` | done | 2026-01-02 09:00 UTC | 5 s | 0.961 | 0.104 | 0.5 | 0.1 | mlp | Does a larger learning rate help when t… |
        | `calm-heron-c1` | done | 2026-01-01 06:00 UTC | 1 min 15 s | 0.9 | 12.5 | nan | 0.025 | forest |  |
        | `keen-wren-9x` | failed (2) | 2025-11-21 20:00 UTC | 5 s | – | – | – | 0.1 | mlp |  |
        | `ffffffffff` | needs gitexp ≥ 2.0 |  |  |  |  |  |  |  |  |
    """)  # noqa: E501 - a whole table, as it is shown


def heads(document: Document) -> list[str]:
    return FORMATS["md"](document).splitlines()[0].strip("| ").split(" | ")


def test_columns_can_be_kept_and_dropped(
    listed: List, some: list[RunRecord | UnreadableRun]
) -> None:
    shown = Shown(keep=re.compile("seed"), drop=re.compile("loss|auc|train|^name|duration"))

    assert heads(listed(*some, shown=shown)) == [
        *["name", "status", "started", "accuracy", "seed", "model.name", "message"]
    ]
    assert "seed" in heads(listed(*some, shown=Shown(all_columns=True)))


def test_what_is_kept_alone_has_the_keys_of_the_rows_and_nothing_that_is_called_so(
    listed: List, run: MakeRun
) -> None:
    odd = ("name", "id", "status", "project", "n")
    twice = [run("a", params={"p.yaml": dict.fromkeys((*odd, "lr"), value)}) for value in (1, 2)]
    shown = Shown(keep=re.compile("lr"), alone=True)

    assert heads(listed(*twice, shown=shown)) == ["name", "id", "lr"]
    every = heads(listed(*twice))
    assert [every.count(one) for one in odd] == [2, 2, 1, 1, 1]


def test_a_param_that_only_some_runs_have_varies(listed: List, run: MakeRun) -> None:
    document = listed(
        run("one", params={"p.yaml": {"a": 1, "b": None}}), run("two", params={"p.yaml": {"a": 1}})
    )

    assert heads(document)[3:] == ["accuracy", "b"]


def test_a_param_of_nan_does_not_vary(listed: List, run: MakeRun) -> None:
    document = listed(*[run(name, params={"p.yaml": {"a": math.nan, "b": 1}}) for name in "xy"])

    assert heads(document)[3:] == ["accuracy"]


def test_a_param_that_is_1_here_and_1_0_there_varies(listed: List, run: MakeRun) -> None:
    document = listed(
        *[run(name, params={"p.yaml": {"a": a}}) for name, a in (("x", 1), ("y", 1.0))]
    )

    assert heads(document)[3:] == ["accuracy", "a"]


def test_ids_are_shown_where_names_repeat(listed: List, run: MakeRun) -> None:
    alone, twice = [run("a"), run("b")], [run("a"), run("b"), run("a")]

    assert "id" not in heads(listed(*alone))
    assert heads(listed(*twice))[:2] == ["name", "id"]
    ids = [row[1] for table in listed(*twice).tables() for row in table.rows]
    assert ids == [one.id for one in twice]


def test_heads_are_whole_where_the_last_part_would_be_ambiguous(listed: List, run: MakeRun) -> None:
    metrics = {"m.json": {"train": {"loss": 1}, "val": {"loss": 2, "f1": 3}, "odd.": 4}}

    assert heads(listed(run(metrics=metrics)))[3:] == ["train.loss", "val.loss", "f1", "odd."]


def test_equal_names_in_two_files_of_a_run_name_their_file(listed: List, run: MakeRun) -> None:
    document = listed(run(metrics={"a.json": {"loss": 1, "x": 2}, "b.json": {"loss": 3}}))

    assert heads(document)[3:] == ["`a.json:loss`", "`x`", "`b.json:loss`"]
    assert "metrics.a.json:loss" in FORMATS["csv"](document)


def test_csv_of_many_runs_is_that_of_few(
    listed: List,
    some: list[RunRecord | UnreadableRun],
    run: MakeRun,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twice = run(metrics={"a.json": {"loss": 1, "x": 2}, "b.json": {"loss": 3}})
    held = [FORMATS["csv"](listed(*some)), FORMATS["csv"](listed(*some, twice))]

    monkeypatch.setattr("gitexp.rendering.run_data._HELD", 0)

    assert [FORMATS["csv"](listed(*some)), FORMATS["csv"](listed(*some, twice))] == held


def test_lists_are_no_columns_for_people(listed: List, run: MakeRun) -> None:
    document = listed(run(metrics={"m.json": {"curve": [1, 2], "loss": 1, "empty": {}}}))

    assert heads(document)[3:] == ["loss"]
    assert '"[1,2]"' in FORMATS["csv"](document)


def test_hostile_and_wide_text_stays_in_its_cell(listed: List, run: MakeRun) -> None:
    metrics = {"m.json": {"損失": 0.5, "x\n|": 1}}
    document = listed(
        run("損失", message="\x1b[2J\ttab @all\nsecond line", metrics=metrics), run("b", metrics={})
    )

    assert FORMATS["text"](document) == dedent("""\
        name   started   duration   損失   x\\n|   message
        損失   3 h ago        5 s    0.5      1   \\x1b[2J\\ttab @all
        b      3 h ago        5 s    –        –
    """)
    assert FORMATS["md"](document).splitlines() == [
        "| name | started | duration | `損失` | `x\\n\\|` | message |",
        "| --- | --- | --: | --: | --: | --- |",
        "| 損失 | 2026-01-02 09:00 UTC | 5 s | 0.5 | 1 | `\\x1b[2J\\ttab @all` |",
        "| b | 2026-01-02 09:00 UTC | 5 s | – | – |  |",
    ]


def test_a_run_more_costs_a_table_a_few_hundred_calls(listed: List, run: MakeRun) -> None:
    """Seconds would be the machine's; some 100 calls a row are 0.02 s for a thousand rows."""
    values = {f"name{at}": at / 7 for at in range(4)}
    runs = [
        run(f"run-{at}", inputs=Inputs(f"{at}"), params={"p.yaml": {**values, "lr": at / 3}})
        for at in range(400)
    ]

    def calls(count: int) -> int:
        events: list[str] = []
        document = listed(*runs[:count])
        before = sys.getprofile()
        sys.setprofile(lambda _frame, event, _arg: events.append(event))
        try:
            FORMATS["text"](document, width=120)
        finally:
            sys.setprofile(before)
        return sum(event in ("call", "c_call") for event in events)

    calls(2)  # what is imported, and remembered, is not the rows' doing
    assert calls(400) - calls(200) < 200 * 400


def test_commands_are_listed_without_their_params_where_they_differ_in_more(
    listed: List, run: MakeRun
) -> None:
    train = run("one", command=("python", "train.py", "--lr", "1"))
    again = run("two", command=("python", "train.py", "--lr", "2"))
    tune = run("three", command=("python", "tune.py", "--lr", "2"))

    assert "train.py" not in FORMATS["text"](listed(train, again))
    shown = FORMATS["text"](listed(train, again, tune))
    assert shown.count("python train.py\n") == 2
    assert "python tune.py\n" in shown
