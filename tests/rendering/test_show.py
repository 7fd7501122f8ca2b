from __future__ import annotations

import json
from datetime import datetime
from textwrap import dedent

import pytest

from gitexp.comparison.changes import Side
from gitexp.model.policy import Policy
from gitexp.model.record import DataPointer, Exit, Resources, RunRecord
from gitexp.rendering.formats import FORMATS
from gitexp.rendering.run_around import RunAround
from gitexp.rendering.show import show_document
from gitexp.rendering.table import Document

from tests.rendering.workshop import MakeRun

OID = "d" * 40
BASELINE = Side(
    "main",
    params={"params.yaml": {"train": {"lr": 0.01, "seed": 1, "gone": 3}}},
    metrics={"metrics.json": {"accuracy": 0.942, "loss": 0.104}},
    pointers={},
    environment={"python": "3.11.7", "numpy": "1.26.4", "attrs": "24"},
)
PACKAGES = {"python": "3.11.7", "numpy": "2.0.0", "attrs": "24"}


@pytest.fixture
def record(run: MakeRun) -> RunRecord:
    return run(
        "brave-otter-7f",
        message="More trees?",
        params={"params.yaml": {"train": {"lr": 0.1, "seed": 1}}},
        metrics={"metrics.json": {"loss": 0.104, "accuracy": 0.961, "auc": 0.5}},
        pointers=(
            DataPointer("model.joblib", "a" * 32, 2_300_000, role="output"),
            DataPointer("images", "c" * 32 + ".dir", 1_200_000, 10, changed=True),
        ),
        changed_meanwhile=("notes.md",),
        overwritten=("checkpoint.pt",),
        left_out=(".env",),
        host="box",
        user="ada",
        python="3.11.7",
        platform="Linux",
        environment="/usr/bin/python3",
        resources=Resources(12.3, 1_200_000_000),
        tags=("good", "paper"),
        sweep="s1",
    )


@pytest.fixture
def whole(record: RunRecord, policy: Policy, now: datetime) -> Document:
    around = RunAround(BASELINE, PACKAGES, "epoch 1\n\x1b[31mloss\x1b[0m\t0.1\n")
    return show_document(OID, record, policy=policy, now=now, around=around)


def test_text(whole: Document) -> None:
    assert FORMATS["text"](whole, width=72) == dedent(f"""\
        brave-otter-7f

        Run
          status        done
          message       More trees?
          command       python train.py
          started       2026-01-02 09:00:00 UTC (3 h ago)
          duration      5 s
          used          12 s of CPU, 1.2 GB of memory
          commit        {"d" * 40}
          id            7fk2m9q4ab
          baseline      {"b" * 40}
          inputs        v2:{"c" * 40}
          user          ada on box
          python        3.11.7, Linux
          environment   /usr/bin/python3, 2 packages
          tags          good, paper
          sweep         s1
        Metrics (metrics.json)
          accuracy   0.961, was 0.942   +0.019   +2.0 %   better
          loss       0.104
          auc          0.5                                added
        Params (params.yaml)
          train.lr     0.1, was 0.01   +0.09
          train.seed     1
          train.gone     –, was 3              removed
        Data and models
          images         input    1.2 MB   10 files   changed while being read
          model.joblib   output   2.3 MB
        Environment, from the baseline's
          numpy   1.26.4 → 2.0.0
        Changed meanwhile
          notes.md
        Overwritten
          checkpoint.pt
        Left out
          .env
        Log
          epoch 1
          \\x1b[31mloss\\x1b[0m   0.1
        Too wide to show: md5 (see --json)
    """)


def test_text_of_a_failed_run_that_nothing_is_known_of(
    run: MakeRun, policy: Policy, now: datetime
) -> None:
    record = run(
        status="failed",
        exit=Exit(None, "SIGKILL"),
        params={},
        metrics={"metrics.json": {}},
        seconds=0.2,
    )

    assert FORMATS["text"](show_document(OID, record, policy=policy, now=now)) == dedent(f"""\
        brave-otter-7f

        Run
          status     failed (SIGKILL)
          command    python train.py
          started    2026-01-02 09:00:00 UTC (3 h ago)
          duration   0.2 s
          commit     {"d" * 40}
          id         7fk2m9q4ab
          baseline   {"b" * 40}
          inputs     v2:{"c" * 40}
    """)


def test_a_message_of_several_lines_has_a_section(
    run: MakeRun, policy: Policy, now: datetime
) -> None:
    record = run(message="More trees?\n\nThey did help.\n")

    text = FORMATS["text"](show_document(OID, record, policy=policy, now=now))

    assert "\nMessage\n  More trees?\n\n  They did help.\n" in text
    assert "  message" not in text


def test_a_long_command_and_paths_are_never_shortened(
    run: MakeRun, policy: Policy, now: datetime
) -> None:
    record = run(command=("python", "x" * 200), left_out=("y" * 200,))

    text = FORMATS["text"](show_document(OID, record, policy=policy, now=now), width=40)

    assert "x" * 200 in text
    assert "y" * 200 in text


def test_json_is_the_record_with_what_is_known_around_it(
    whole: Document, record: RunRecord
) -> None:
    found = json.loads(FORMATS["json"](whole))

    assert found["oid"] == OID
    assert found["metrics"] == record.metrics
    assert found["pointers"][0]["path"] == "model.joblib"
    assert found["packages"] == PACKAGES
    assert found["log"] == "epoch 1\n\x1b[31mloss\x1b[0m\t0.1\n"


def test_json_of_a_run_that_nothing_is_known_of_is_the_record(
    record: RunRecord, policy: Policy, now: datetime
) -> None:
    found = json.loads(FORMATS["json"](show_document(OID, record, policy=policy, now=now)))

    assert not found.keys() & {"packages", "log"}


def test_csv(whole: Document) -> None:
    lines = FORMATS["csv"](whole).splitlines()

    assert lines[:4] == ["section,file,name,value", f"run,,oid,{OID}", "run,,version,1", lines[3]]
    assert "run,,resources.peak_memory,1200000000" in lines
    assert lines[-14:] == [
        "metrics,metrics.json,loss,0.104",
        "metrics,metrics.json,accuracy,0.961",
        "metrics,metrics.json,auc,0.5",
        "params,params.yaml,train.lr,0.1",
        "params,params.yaml,train.seed,1",
        f"data,model.joblib,md5,{'a' * 32}",
        "data,model.joblib,size,2300000",
        "data,model.joblib,role,output",
        "data,model.joblib,changed,false",
        f"data,images,md5,{'c' * 32}.dir",
        "data,images,size,1200000",
        "data,images,nfiles,10",
        "data,images,role,input",
        "data,images,changed,true",
    ]


def test_markdown(whole: Document) -> None:
    text = FORMATS["md"](whole)

    assert text.startswith(
        dedent("""\
            ### brave-otter-7f

            **Run**

            | fact | value |
            | --- | --- |
            | status | done |
            | message | `More trees?` |
            | command | python train.py |
        """)
    )
    assert text.endswith(
        dedent("""\
            **Metrics** (`metrics.json`)

            | name | value | before | change | relative change | mark |
            | --- | --: | --: | --: | --: | --- |
            | accuracy | 0.961 | 0.942 | +0.019 | +2.0 % | better |
            | loss | 0.104 |  |  |  |  |
            | auc | 0.5 |  |  |  | added |

            **Params** (`params.yaml`)

            | name | value | before | change | mark |
            | --- | --: | --: | --: | --- |
            | train.lr | 0.1 | 0.01 | +0.09 |  |
            | train.seed | 1 |  |  |  |
            | train.gone | – | 3 |  | removed |

            **Data and models**

            | path | role | size | files | md5 | mark |
            | --- | --- | --: | --- | --- | --- |
            | images | input | 1.2 MB | 10 files | `cccccccccccccccccccccccccccccccc.dir` | changed while being read |
            | model.joblib | output | 2.3 MB |  | `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` |  |

            **Environment, from the baseline's**

            | name | old | new |
            | --- | --- | --- |
            | numpy | 1.26.4 | 2.0.0 |

            **Changed meanwhile**

            | path |
            | --- |
            | notes.md |

            **Overwritten**

            | path |
            | --- |
            | checkpoint.pt |

            **Left out**

            | path |
            | --- |
            | .env |

            **Log**

            ```text
            epoch 1
            \\x1b[31mloss\\x1b[0m\\t0.1
            ```
        """)  # noqa: E501 - whole tables, as they are shown
    )
