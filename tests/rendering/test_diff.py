from __future__ import annotations

import csv
import io
import json
import math
from textwrap import dedent

import pytest
from dvc.utils import diff as dvc_diff

from gitexp.comparison.changes import CodeChange, Diff, Side
from gitexp.comparison.diff import diff_sides
from gitexp.model.policy import Policy
from gitexp.model.record import DataPointer, Documents, Role
from gitexp.model.values import Value
from gitexp.rendering.diff import diff_document
from gitexp.rendering.formats import FORMATS

OLD = Side(
    "brave-otter-7f",
    params={"params.yaml": {"forest": {"trees": 50}, "kind": "adam", "seed": 1, "nothing": None}},
    metrics={"metrics.json": {"accuracy": 0.942, "loss": 0.115, "auc": 0.5, "tiny": 1e-7}},
    pointers={
        "images": DataPointer("images", "c" * 32 + ".dir", 1_200_000, 10),
        "model.joblib": DataPointer("model.joblib", "a" * 32, 1_200_000),
        "old.bin": DataPointer("old.bin", "f" * 32, 3),
    },
    environment={"numpy": "1.26.4", "attrs": "24"},
)
NEW = Side(
    "calm-heron-c1",
    params={"params.yaml": {"forest": {"trees": 100, "depth": 5}, "kind": "sgd", "seed": "1"}},
    metrics={"metrics.json": {"accuracy": 0.943, "loss": 0.104, "auc": math.nan, "tiny": 2e-7}},
    pointers={
        "images": DataPointer("images", "d" * 32 + ".dir", 1_200_000, 11),
        "labels": DataPointer("labels", "e" * 32 + ".dir", 2_000, 1),
        "model.joblib": DataPointer("model.joblib", "b" * 32, 2_300_000),
    },
    environment={"numpy": "2.0.0", "attrs": "24"},
)
CODE = (
    CodeChange("train.py", "modified", 3, 1),
    CodeChange("lib/new.py", "renamed", 0, 0, "lib/old.py"),
    CodeChange("logo.png", "added", None, None),
)


@pytest.fixture
def diff(policy: Policy) -> Diff:
    return diff_sides(OLD, NEW, CODE, policy)


def test_text(diff: Diff) -> None:
    assert FORMATS["text"](diff_document(diff)) == dedent("""\
        brave-otter-7f → calm-heron-c1

        Metrics (metrics.json)
          accuracy   0.942 → 0.943   +0.001     +0.1 %   ~ within tolerance
          loss       0.115 → 0.104   -0.011     -9.6 %   better
          auc          0.5 → nan
          tiny       1e-07 → 2e-07   +1e-07   +100.0 %
        Params (params.yaml)
          forest.depth      – → 5     added
          forest.trees     50 → 100
          kind           adam → sgd
          nothing        null → –     removed
          seed              1 → "1"
        Data and models
          images         1.2 MB            10 → 11 files   md5 cccccccc → dddddddd   changed
          labels              – → 2.0 kB   1 file                                    added
          model.joblib   1.2 MB → 2.3 MB
          old.bin           3 B → –                                                  removed
        Environment
          numpy   1.26.4 → 2.0.0
        Code
          lib/old.py → lib/new.py   renamed
          logo.png                  added      binary
          train.py                  modified   +3 -1
    """)


def test_text_that_is_too_wide_leaves_out_what_matters_least(policy: Policy) -> None:
    diff = diff_sides(OLD, NEW, (), policy)

    assert FORMATS["text"](diff_document(diff), width=56) == dedent("""\
        brave-otter-7f → calm-heron-c1

        Metrics (metrics.json)
          accuracy   0.942 → 0.943   +0.001   ~ within tolerance
          loss       0.115 → 0.104   -0.011   better
          auc          0.5 → nan
          tiny       1e-07 → 2e-07   +1e-07
        Params (params.yaml)
          forest.depth      – → 5     added
          forest.trees     50 → 100
          kind           adam → sgd
          nothing        null → –     removed
          seed              1 → "1"
        Data and models
          images         1.2 MB            changed
          labels              – → 2.0 kB   added
          model.joblib   1.2 MB → 2.3 MB
          old.bin           3 B → –        removed
        Environment
          numpy   1.26.4 → 2.0.0
        Too wide to show: relative change, files, md5
    """)


def test_text_in_colour_marks_better_and_worse(policy: Policy) -> None:
    old: Documents = {"m.json": {"accuracy": 0.9, "loss": 0.1, "auc": 1}}
    new: Documents = {"m.json": {"accuracy": 0.8, "loss": 0.05, "auc": 2}}
    diff = diff_sides(Side("a", {}, old, {}, None), Side("b", {}, new, {}, None), (), policy)

    lines = FORMATS["text"](diff_document(diff), colour=True).splitlines()

    assert lines == [
        "\x1b[1ma → b\x1b[0m",
        "",
        "\x1b[1mMetrics\x1b[0m (m.json)",
        "  accuracy   0.9 → 0.8    -0.1     -11.1 %   \x1b[31mworse\x1b[0m",
        "  loss       0.1 → 0.05   -0.05    -50.0 %   \x1b[32mbetter\x1b[0m",
        "  auc          1 → 2      +1      +100.0 %",
    ]


def test_json_has_the_shape_of_dvc(diff: Diff) -> None:
    text = FORMATS["json"](diff_document(diff))

    assert json.loads(text) == {
        "metrics": {
            "metrics.json": {
                "accuracy": {"old": 0.942, "new": 0.943, "diff": 0.001},
                "loss": {"old": 0.115, "new": 0.104, "diff": -0.011},
                "auc": {"old": 0.5, "new": {"$float": "nan"}, "diff": {"$float": "nan"}},
                "tiny": {"old": 1e-7, "new": 2e-7, "diff": 1e-7},
            }
        },
        "params": {
            "params.yaml": {
                "forest.depth": {"old": None, "new": 5},
                "forest.trees": {"old": 50, "new": 100, "diff": 50},
                "kind": {"old": "adam", "new": "sgd"},
                "nothing": {"old": None, "new": None, "absent": "new"},
                "seed": {"old": 1, "new": "1"},
            }
        },
        "data": {
            "images": {
                "old": {"md5": "c" * 32 + ".dir", "size": 1_200_000, "nfiles": 10, "role": "input"},
                "new": {"md5": "d" * 32 + ".dir", "size": 1_200_000, "nfiles": 11, "role": "input"},
            },
            "labels": {
                "old": None,
                "new": {"md5": "e" * 32 + ".dir", "size": 2_000, "nfiles": 1, "role": "input"},
            },
            "model.joblib": {
                "old": {"md5": "a" * 32, "size": 1_200_000, "nfiles": None, "role": "input"},
                "new": {"md5": "b" * 32, "size": 2_300_000, "nfiles": None, "role": "input"},
            },
            "old.bin": {
                "old": {"md5": "f" * 32, "size": 3, "nfiles": None, "role": "input"},
                "new": None,
            },
        },
        "environment": {"numpy": {"old": "1.26.4", "new": "2.0.0"}},
        "machine": {},
        "outputs": {},
        "code": {
            "lib/new.py": {
                "status": "renamed",
                "added": 0,
                "removed": 0,
                "old_path": "lib/old.py",
            },
            "logo.png": {"status": "added", "added": None, "removed": None},
            "train.py": {"status": "modified", "added": 3, "removed": 1},
        },
    }
    assert text.endswith("}\n")
    assert text.count("\n") == 1


def test_csv(diff: Diff) -> None:
    assert FORMATS["csv"](diff_document(diff)) == dedent(f"""\
        section,file,name,old,new,diff,relative,mark
        metrics,metrics.json,accuracy,0.942,0.943,0.001,{0.001 / 0.942},within tolerance
        metrics,metrics.json,loss,0.115,0.104,-0.011,{-0.011 / 0.115},better
        metrics,metrics.json,auc,0.5,nan,nan,,
        metrics,metrics.json,tiny,1e-07,2e-07,1e-07,1.0,
        params,params.yaml,forest.depth,,5,,,added
        params,params.yaml,forest.trees,50,100,50,1.0,
        params,params.yaml,kind,adam,sgd,,,
        params,params.yaml,nothing,null,,,,removed
        params,params.yaml,seed,1,\"""1\""",,,
        environment,,numpy,1.26.4,2.0.0,,,
        data,images,md5,{"c" * 32}.dir,{"d" * 32}.dir,,,
        data,images,nfiles,10,11,1,0.1,
        data,labels,md5,,{"e" * 32}.dir,,,added
        data,labels,size,,2000,,,added
        data,labels,nfiles,,1,,,added
        data,model.joblib,md5,{"a" * 32},{"b" * 32},,,
        data,model.joblib,size,1200000,2300000,1100000,{11 / 12},
        data,old.bin,md5,{"f" * 32},,,,removed
        data,old.bin,size,3,,,,removed
        code,lib/new.py,lines,0,0,0,,renamed from lib/old.py
        code,logo.png,lines,,,,,added
        code,train.py,lines,1,3,2,,modified
    """)


def test_markdown(diff: Diff) -> None:
    assert FORMATS["md"](diff_document(diff)) == dedent("""\
        ### brave-otter-7f → calm-heron-c1

        **Metrics** (`metrics.json`)

        | name | old | new | change | relative change | mark |
        | --- | --: | --: | --: | --: | --- |
        | accuracy | 0.942 | 0.943 | +0.001 | +0.1 % | ~ within tolerance |
        | loss | 0.115 | 0.104 | -0.011 | -9.6 % | better |
        | auc | 0.5 | nan |  |  |  |
        | tiny | 1e-07 | 2e-07 | +1e-07 | +100.0 % |  |

        **Params** (`params.yaml`)

        | name | old | new | mark |
        | --- | --- | --- | --- |
        | forest.depth | – | 5 | added |
        | forest.trees | 50 | 100 |  |
        | kind | adam | sgd |  |
        | nothing | null | – | removed |
        | seed | 1 | `"1"` |  |

        **Data and models**

        | path | old | new | files | md5 | mark |
        | --- | --: | --: | --- | --- | --- |
        | images | 1.2 MB |  | 10 → 11 files | `md5 cccccccc → dddddddd` | changed |
        | labels | – | 2.0 kB | 1 file |  | added |
        | model.joblib | 1.2 MB | 2.3 MB |  |  |  |
        | old.bin | 3 B | – |  |  | removed |

        **Environment**

        | name | old | new |
        | --- | --- | --- |
        | numpy | 1.26.4 | 2.0.0 |

        **Code**

        | path | status | lines |
        | --- | --- | --- |
        | `lib/old.py → lib/new.py` | renamed |  |
        | `logo.png` | added | binary |
        | `train.py` | modified | +3 -1 |
    """)


@pytest.mark.parametrize("name", ["text", "md"])
def test_no_differences_are_one_line_on_what_was_compared(name: str, policy: Policy) -> None:
    same = Side("main", {}, {}, {}, None)

    assert FORMATS[name](diff_document(diff_sides(OLD, OLD, (), policy))) == (
        "brave-otter-7f → brave-otter-7f: "
        "no differences in params, metrics, data, environment and code\n"
    )
    assert FORMATS[name](diff_document(diff_sides(same, same, (), policy))) == (
        "main → main: no differences in params, metrics, data and code\n"
    )


def test_no_differences_are_empty_objects_for_machines(policy: Policy) -> None:
    document = diff_document(diff_sides(OLD, OLD, (), policy))

    assert json.loads(FORMATS["json"](document)) == {
        "metrics": {},
        "params": {},
        "data": {},
        "environment": {},
        "machine": {},
        "outputs": {},
        "code": {},
    }
    assert FORMATS["csv"](document) == "section,file,name,old,new,diff,relative,mark\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([1, "a"], [2, "a"], {"old": "[1, 'a']", "new": "[2, 'a']"}),
        (False, True, {"old": False, "new": True, "diff": 1}),
        (1, "1", {"old": 1, "new": "1"}),
        (3, 5, {"old": 3, "new": 5, "diff": 2}),
        (None, 0, {"old": None, "new": 0}),
        (0.1, 0.3, {"old": 0.1, "new": 0.3, "diff": 0.2}),
    ],
)
def test_json_of_one_change_is_as_dvc_has_it(
    policy: Policy, old: Value, new: Value, expected: object
) -> None:
    before, after = (Side("s", {"p.yaml": {"x": value}}, {}, {}, None) for value in (old, new))

    text = FORMATS["json"](diff_document(diff_sides(before, after, (), policy)))

    assert json.loads(text)["params"]["p.yaml"]["x"] == expected


def test_json_is_what_dvc_computes_but_for_binary_noise(policy: Policy) -> None:
    old: Documents = {
        "metrics.json": {
            "acc": 0.942,
            "deep": {"a": {"b": 0.1}},
            "gone": 1,
            "same": 2,
            "flag": False,
            "list": [1, 2],
            "kind": 1,
            "was": {"nested": 1},
        },
        "gone.json": {"x": 1},
    }
    new: Documents = {
        "metrics.json": {
            "acc": 0.961,
            "deep": {"a": {"b": 0.3}},
            "same": 2.0,
            "flag": True,
            "list": [1, "a"],
            "kind": "1",
            "was": 5,
        },
        "new.json": {"text": "x", "null": 0},
    }
    sides = [{file: {"data": data} for file, data in each.items()} for each in (old, new)]
    diff = diff_sides(Side("a", {}, old, {}, None), Side("b", {}, new, {}, None), (), policy)

    found = json.loads(FORMATS["json"](diff_document(diff)))["metrics"]

    of_dvc = json.loads(json.dumps(dvc_diff.diff(*map(dvc_diff.format_dict, sides))))
    assert found["metrics.json"]["acc"]["diff"] == 0.019
    for file, name in (("metrics.json", "acc"), ("metrics.json", "deep.a.b")):
        assert of_dvc[file][name].pop("diff") == pytest.approx(found[file][name].pop("diff"))
    assert found == of_dvc


HOSTILE = "a|b`c`\n<img src=x> @all \x1b[31m [x](http://e.x) \udcff \u202e"


def test_hostile_names_stay_in_their_cells(policy: Policy) -> None:
    before, after = (
        Side(HOSTILE, {HOSTILE: {HOSTILE: f"{HOSTILE}{at}"}}, {}, {}, {HOSTILE: f"{at}"})
        for at in (1, 2)
    )
    code = (CodeChange(HOSTILE, "added", 1, 0),)
    document = diff_document(diff_sides(before, after, code, policy))
    seen = "a|b`c`\\n<img src=x> @all \\x1b[31m [x](http://e.x) \\udcff \\u202e"

    text = FORMATS["text"](document)

    assert text.splitlines()[0] == f"{seen} → {seen}"
    assert f"Params ({seen})" in text
    assert len(text.splitlines()) == 8
    for name in FORMATS:
        FORMATS[name](document).encode()
    rows = list(csv.reader(io.StringIO(FORMATS["csv"](document))))
    assert {len(row) for row in rows} == {8}
    assert json.loads(FORMATS["json"](document))["code"].keys() == {HOSTILE}


def test_a_model_that_one_side_only_read_is_marked(policy: Policy) -> None:
    def side(label: str, md5: str, size: int, role: Role) -> Side:
        return Side(label, {}, {}, {"m.pt": DataPointer("m.pt", md5, size, role=role)}, None)

    good, same = side("good", "a" * 32, 7, "output"), side("good", "a" * 32, 9, "output")
    document = diff_document(diff_sides(good, side("bad", "b" * 32, 9, "input"), (), policy))
    equal = diff_document(diff_sides(same, side("bad", "b" * 32, 9, "input"), (), policy))

    assert FORMATS["text"](document).endswith("  m.pt   7 B → 9 B   output → input\n")
    assert FORMATS["text"](equal).endswith("md5 aaaaaaaa → bbbbbbbb   output → input\n")
    [change] = json.loads("".join(FORMATS["json"](document)))["data"].values()
    assert (change["old"]["role"], change["new"]["role"]) == ("output", "input")


def test_data_of_the_same_size_has_no_old_one(policy: Policy) -> None:
    old, new = (
        Side(
            label,
            params={},
            metrics={},
            pointers={"a.csv": DataPointer("a.csv", digit * 32, 3)},
            environment=None,
        )
        for label, digit in (("old", "a"), ("new", "b"))
    )

    text = FORMATS["md"](diff_document(diff_sides(old, new, (), policy)))

    assert "| path | size | md5 | mark |\n" in text


def test_paths_are_whole_where_there_is_no_width(policy: Policy) -> None:
    folder = "mlruns/0/models/m-763470ce7a7c4be88f898c93a7eef7ff/artifacts"
    code = [CodeChange(f"{folder}/{name}", "added", 1, 0) for name in ("MLmodel", "conda.yaml")]
    found = diff_document(diff_sides(OLD, OLD, tuple(code), policy))

    for name in ("text", "md"):
        assert all(one.path in FORMATS[name](found) for one in code)


def test_commands_are_shown_if_they_differ_in_more_than_params(policy: Policy) -> None:
    train = ("python", "train.py", "--lr", "1")

    def differ(*command: str) -> Diff:
        sides = [Side("a", {}, {}, {}, None, command=one) for one in (train, command)]
        return diff_sides(sides[0], sides[1], (), policy)

    assert not differ(*train[:-1], "2")
    found = differ("python", "tune.py", "--lr", "1")
    assert FORMATS["text"](diff_document(found)) == dedent("""\
        a → a

        Command
          python train.py --lr 1 → python tune.py --lr 1
    """)
    assert json.loads(FORMATS["json"](diff_document(found)))["command"] == {
        "old": "python train.py --lr 1",
        "new": "python tune.py --lr 1",
    }
