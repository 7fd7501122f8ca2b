"""The table of several sides in every format."""

from __future__ import annotations

import csv
import io
import json
import math
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.comparison.changes import ABSENT, CodeChange, Side
from gitexp.comparison.differences import differences
from gitexp.model.policy import Policy
from gitexp.model.record import DataPointer
from gitexp.rendering.cells import size_row, value_row
from gitexp.rendering.differences import differences_document
from gitexp.rendering.formats import FORMATS
from gitexp.rendering.table import Document

OIDS = ("1" * 40, "2" * 40, None)


@pytest.fixture
def several(policy: Policy) -> Document:
    """Three sides: two runs and the work tree, whose environment nobody recorded."""
    sides = [
        Side(
            "first",
            {"params.yaml": {"lr": 0.1, "kind": "adam", "seed": 1}},
            {"metrics.json": {"accuracy": 0.942, "loss": 0.5}},
            {"model.pt": DataPointer("model.pt", "a" * 32, 1_200_000)},
            {"python": "3.11.7", "numpy": "1.26.4"},
        ),
        Side(
            "second",
            {"params.yaml": {"lr": 0.2, "kind": "sgd", "seed": 1}},
            {"metrics.json": {"accuracy": 0.961, "loss": 0.6}},
            {"model.pt": DataPointer("model.pt", "b" * 32, 2_400_000)},
            {"python": "3.11.7", "numpy": "2.0.0"},
        ),
        Side("workspace", {"params.yaml": {"lr": 0.2, "seed": 1}}, {}, {}, None),
    ]
    code = [
        (CodeChange("train.py", "modified", 3, 1),),
        (
            CodeChange("logo.png", "modified", None, None),
            CodeChange("new.py", "added", 5, 0),
            CodeChange("old.py", "deleted", 0, 8),
        ),
    ]
    return differences_document(differences(sides, code, policy), OIDS)


def test_long_versions_are_cut_where_they_differ_and_limits_of_threads_are_one_row() -> None:
    names = ("BLIS", "GOTO", "MKL", "NUMEXPR", "OMP", "OPENBLAS")
    limits = {f"{name}_NUM_THREADS": "1" for name in names}
    sides = [
        Side(
            name,
            {},
            {},
            {},
            {"gitexp": f"0.1.0 @ git+file:///work/main@{commit}#egg=gitexp"},
            machine={"cpu": cpu, **more},
        )
        for name, commit, cpu, more in (
            ("first", "3a065a6b", "EPYC", {}),
            ("second", "7303626e", "EPYC", limits),
            ("third", "afa64aea", "Xeon", {**limits, "PYTHONHASHSEED": "0"}),
        )
    ]
    shown = FORMATS["text"](differences_document(differences(sides, [(), ()], Policy()), OIDS))

    rows = {line.split("  ")[1].strip(): line for line in shown.splitlines() if line[:2] == "  "}
    assert all(one in rows["gitexp"] for one in ("3a06", "7303", "afa6"))
    assert "BLIS_NUM_THREADS and 5 more   –" in shown
    assert ("Machine\n" in shown, "Variables\n" in shown) == (True, True)
    assert list(rows)[-3:] == ["cpu", "BLIS_NUM_THREADS and 5 more", "PYTHONHASHSEED"]


def test_text_has_a_column_for_each_and_marks_the_best(several: Document) -> None:
    assert FORMATS["text"](several) == dedent("""\
                     first    second    workspace
        Metrics (metrics.json)
          accuracy   0.942    0.961 *   –
          loss       0.5 *    0.6       –
        Params (params.yaml)
          kind       adam     sgd       –
          lr         0.1      0.2       0.2
        Data and models
          model.pt   1.2 MB   2.4 MB    –
        Environment
          numpy      1.26.4   2.0.0     ?
        Code, from first
          logo.png                      binary
          new.py                        new +5
          old.py                        deleted -8
          train.py            +3 -1
        * best by the goals of the policy
    """)


def test_the_best_is_green_in_a_terminal(several: Document) -> None:
    text = FORMATS["text"](several, colour=True)

    assert "\x1b[32m0.961 *\x1b[0m" in text
    assert text.count("\x1b[32m") == 2


def test_markdown_makes_a_table_of_each_section_and_the_best_bold(several: Document) -> None:
    assert FORMATS["md"](several).startswith(
        dedent("""\
            **Metrics** (`metrics.json`)

            |  | first | second | workspace |
            | --- | --: | --: | --: |
            | accuracy | 0.942 | **0.961** | – |
            | loss | **0.5** | 0.6 | – |

            **Params** (`params.yaml`)
        """)
    )
    assert FORMATS["md"](several).endswith("\n\n**Bold:** best by the goals of the policy\n")


def test_json_has_lists_of_what_differs_with_the_values_by_rev(several: Document) -> None:
    assert json.loads(FORMATS["json"](several)) == {
        "revs": {"first": "1" * 40, "second": "2" * 40, "workspace": None},
        "metrics": [
            {
                "file": "metrics.json",
                "name": "accuracy",
                "values": {"first": 0.942, "second": 0.961},
                "best": ["second"],
            },
            {
                "file": "metrics.json",
                "name": "loss",
                "values": {"first": 0.5, "second": 0.6},
                "best": ["first"],
            },
        ],
        "params": [
            {
                "file": "params.yaml",
                "name": "kind",
                "values": {"first": "adam", "second": "sgd"},
            },
            {
                "file": "params.yaml",
                "name": "lr",
                "values": {"first": 0.1, "second": 0.2, "workspace": 0.2},
            },
        ],
        "data": [
            {
                "path": "model.pt",
                "values": {
                    "first": {"md5": "a" * 32, "size": 1_200_000, "nfiles": None, "role": "input"},
                    "second": {"md5": "b" * 32, "size": 2_400_000, "nfiles": None, "role": "input"},
                },
            }
        ],
        "environment": [{"name": "numpy", "values": {"first": "1.26.4", "second": "2.0.0"}}],
        "machine": [],
        "outputs": [],
        "code": [
            {
                "path": path,
                "values": {rev: {"status": status, "added": added, "removed": removed}},
            }
            for path, rev, status, added, removed in (
                ("logo.png", "workspace", "modified", None, None),
                ("new.py", "workspace", "added", 5, 0),
                ("old.py", "workspace", "deleted", 0, 8),
                ("train.py", "second", "modified", 3, 1),
            )
        ],
    }


def test_csv_has_a_row_for_each_value(several: Document) -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](several))))

    assert list(rows[0].values()) == [
        *("metrics", "metrics.json", "accuracy", "0.942", "0.961", "", '["second"]')
    ]
    assert [(row["section"], row["name"]) for row in rows] == [
        *[("metrics", "accuracy"), ("metrics", "loss"), ("params", "kind"), ("params", "lr")],
        *[("environment", "numpy"), ("data", "md5"), ("data", "size"), ("code", "status")],
        *[("code", "status"), ("code", "added"), ("code", "removed"), ("code", "status")],
        *[("code", "added"), ("code", "removed"), ("code", "status"), ("code", "added")],
        ("code", "removed"),
    ]


def test_no_differences_are_one_line_on_what_was_compared(policy: Policy) -> None:
    sides = [Side(label, {}, {}, {}, None) for label in "abc"]
    document = differences_document(differences(sides, [(), ()], policy), OIDS)

    assert FORMATS["text"](document) == (
        "a, b, c: no differences in params, metrics, data and code\n"
    )


def test_models_of_one_size_are_told_apart_by_their_md5(
    policy: Policy,
) -> None:
    md5s = ("0123456789a", "0123456789b", "0123456789a")
    sides = [
        Side(f"s{at}", {}, {}, {"m": DataPointer("m", md5, 7)}, None) for at, md5 in enumerate(md5s)
    ]
    document = differences_document(differences(sides, [(), ()], policy), OIDS)

    assert FORMATS["text"](document).splitlines()[2].split() == ["m", "(md5)", *md5s]


def test_a_narrow_terminal_shows_the_first_and_those_that_are_best_at_something(
    policy: Policy,
) -> None:
    losses = {"first": 5, "second": 4, "third": 1, "fourth": 3}
    sides = [Side(label, {}, {"m": {"loss": loss}}, {}, None) for label, loss in losses.items()]
    document = differences_document(differences(sides, [()] * 3, policy), [None] * 4)

    assert FORMATS["text"](document, width=30) == dedent("""\
                 first   third
        Metrics (m)
          loss   5       1 *
        * best by the goals of the
        policy
        Too wide to show: 2 columns
    """)


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


@given(st.lists(VALUES, min_size=2, max_size=4))
def test_values_that_differ_never_look_the_same(values: list[object]) -> None:
    texts = value_row(values)

    for left, text in zip(values, texts, strict=True):
        for right, other in zip(values, texts, strict=True):
            if text == other:
                assert left == right or str(left) == str(right) == "nan"


def test_long_texts_show_where_they_part() -> None:
    paths = ["/a/long/way/to/the/data/train.csv", "/a/long/way/to/the/data/test.csv", ABSENT]

    assert value_row(paths, 16) == ["…ta/train.csv", "…ta/test.csv", "\N{EN DASH}"]


def test_sizes_that_differ_never_look_the_same() -> None:
    assert size_row([1_200_000, 1_200_001, ABSENT]) == ["1200000 B", "1200001 B", "\N{EN DASH}"]
    assert value_row([math.nan, 1.0]) == ["nan", "1.0"]


def test_commands_are_rows_if_they_differ_in_more_than_params(policy: Policy) -> None:
    commands = (("a.py", "--lr", "1"), ("a.py", "--lr", "2"), ("b.py", "--lr", "2"), None)
    sides = [
        Side(f"s{at}", {}, {}, {}, None, command=command) for at, command in enumerate(commands)
    ]

    assert not differences(sides[:2], [()], policy)
    found = differences(sides, [(), (), ()], policy)
    shown = FORMATS["text"](differences_document(found, [None] * 4))
    assert shown.splitlines()[1:3] == [
        "Command",
        "  command   a.py --lr 1   a.py --lr 2   b.py --lr 2   –",
    ]
