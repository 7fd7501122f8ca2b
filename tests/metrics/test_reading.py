"""Metrics as programs write them: tables, logs, histories and event files."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.metrics.reading import largest, parse_metrics
from gitexp.model.policy import Policy, Rule

from tests.metrics.tracker_stores import write_events

LIGHTNING = (
    b"epoch,step,train_loss,val_loss\n"
    b"0,4,0.5,\n0,9,,0.25\n"  # training and validation have rows of their own
    b"1,14,0.3,\n1,19,,0.4\n"
)
LOSS = Policy((("val_loss", Rule("min")),))


def test_the_last_value_of_each_column_counts() -> None:
    assert parse_metrics(LIGHTNING, "metrics.csv") == {
        "train_loss": 0.3,
        "val_loss": 0.4,
        "epoch": 1,
        "step": 19,
    }


def test_the_best_row_is_that_of_the_first_goal_with_its_epoch() -> None:
    assert parse_metrics(LIGHTNING, "metrics.csv", "best", LOSS) == {
        "train_loss": 0.5,
        "val_loss": 0.25,
        "epoch": 0,
        "step": 9,
    }
    highest = Policy((("acc", Rule("max")), ("loss", Rule("min"))))
    table = b"acc,loss\n0.5,1\n0.9,3\n0.9,2\nnan,0\n"
    assert parse_metrics(table, "m.csv", "best", highest) == {"acc": 0.9, "loss": 3}


def test_without_a_column_that_has_a_goal_the_last_row_counts() -> None:
    assert parse_metrics(b"a,b\n1,2\n3,4\n", "m.csv", "best", LOSS) == {"a": 3, "b": 4}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", b"  epoch,   loss\n      1,    0.5\n", {"loss": 0.5, "epoch": 1}),  # padded
        ("a.csv", b"\xef\xbb\xbfloss\r\n0.5\r\n", {"loss": 0.5}),
        ("a.csv", b"a;b\n1;2\n", {"a": 1, "b": 2}),
        ("a.tsv", b"a\tb\n1\t2,5\n", {"a": 1}),  # text is no metric
        ("a.csv", b",loss,host\n0,1.5,box7\n", {"loss": 1.5}),  # pandas names no index
        ("a.csv", b'"a, b",c\n1e-3,true\n', {"a, b": 0.001, "c": True}),
        ("a.csv", b"a,b\n1,2\n3,4\n5", {"a": 3, "b": 4}),  # cut off as it was written
        ("a.csv", b"a,b\n1,2\n3,4", {"a": 3, "b": 4}),  # joined by line ends, as many do
        ("a.csv", b"a,b\n1,2", {"a": 1, "b": 2}),
        ("a.csv", b"a,run\n1,1_000\n", {"a": 1}),
        ("a.csv", b"a,b\n", {}),
        ("a.csv", b"", {}),
    ],
)
def test_tables_as_programs_write_them(
    name: str, content: bytes, expected: dict[str, object]
) -> None:
    assert parse_metrics(content, name) == expected


def test_not_a_number_is_a_value() -> None:
    found = parse_metrics(b"loss\n0.5\nnan\n", "metrics.csv")

    assert isinstance(found["loss"], float)
    assert math.isnan(found["loss"])


def test_of_a_search_the_row_that_it_ranks_first_counts() -> None:
    table = b"param_C,mean_test_score,rank_test_score\n1,0.8,2\n2,0.9,1\n3,0.7,3\n"

    found = parse_metrics(table, "cv_results.csv")

    assert found == {"param_C": 2, "mean_test_score": 0.9, "rank_test_score": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"0.5,1\n0.4,2\n", "begins with numbers"),
        (b"name,host\na,b\n", "holds no numbers"),
        (b"a\n" + b"9" * 200_000 + b"\n", "is not a valid table (line 2"),
    ],
)
def test_what_is_no_table_of_metrics_is_said(content: bytes, said: str) -> None:
    with pytest.raises(GitexpError, match=r"'m\.csv' ") as error:
        parse_metrics(content, "m.csv")

    assert said in str(error.value)


def test_lines_of_json_are_joined_and_the_best_is_one_of_them() -> None:
    lines = (
        b'{"step": 1, "val": {"loss": 1}, "lr": 2}\n\n{"step": 2, "val": {"loss": 3, "f1": 4}}\n'
    )
    goal = Policy((("val.loss", Rule("min")),))

    assert parse_metrics(lines, "m.jsonl") == {"val": {"loss": 3, "f1": 4}, "lr": 2, "step": 2}
    assert parse_metrics(lines, "m.jsonl", "best", goal) == {"val": {"loss": 1}, "lr": 2, "step": 1}
    assert parse_metrics(lines, "metrics.json") == parse_metrics(lines, "m.ndjson")


def test_a_line_that_was_cut_off_is_left_out_and_any_other_is_refused() -> None:
    assert parse_metrics(b'{"a": 1}\n{"a": 2, "b"', "m.jsonl") == {"a": 1}
    with pytest.raises(GitexpError, match=r"'m.jsonl' is not valid JSON lines \(line 1\)"):
        parse_metrics(b'{"a"\n{"a": 2}\n', "m.jsonl")
    with pytest.raises(GitexpError, match=r"line 1 of 'm\.jsonl' is not an object"):
        parse_metrics(b"[1]\n", "m.jsonl")


@pytest.mark.parametrize("inside", ["\u2028", "\x85"])
def test_only_a_line_feed_ends_a_line_of_json(inside: str) -> None:
    lines = json.dumps({"loss": 0.5, "text": f"a{inside}b"}, ensure_ascii=False)
    assert inside in lines
    assert parse_metrics(f'{lines}\r\n{{"loss": 0.4}}\n'.encode(), "m.jsonl")["loss"] == 0.4


def test_the_history_of_a_trainer_is_one_row() -> None:
    steps = [
        {"epoch": 1.0, "step": 10, "loss": 0.9},
        {"epoch": 1.0, "step": 10, "eval_loss": 0.5},
        {"epoch": 2.0, "step": 20, "loss": 0.4},
        {"epoch": 2.0, "step": 20, "eval_loss": 0.6},
    ]
    state = {"best_metric": 0.5, "global_step": 20, "log_history": steps, "epoch": 2.0}
    content = json.dumps(state).encode()
    goal = Policy((("eval_loss", Rule("min")),))

    last = parse_metrics(content, "out/trainer_state.json")
    best = parse_metrics(content, "out/trainer_state.json", "best", goal)

    counted = {"global_step": 20}
    assert last == {
        "best_metric": 0.5, "loss": 0.4, "eval_loss": 0.6, "epoch": 2.0, "step": 20, **counted
    }  # fmt: skip
    assert best == {
        "best_metric": 0.5, "loss": 0.9, "eval_loss": 0.5, "epoch": 1.0, "step": 10, **counted
    }  # fmt: skip


def test_a_document_without_a_history_is_read_as_it_is() -> None:
    assert parse_metrics(b'{"a": {"b": 1}}\n', "m.json") == {"a": {"b": 1}}
    assert parse_metrics(b"a: 1\n", "m.yaml") == {"a": 1}


def test_other_kinds_are_refused_with_those_that_are_read() -> None:
    with pytest.raises(GitexpError, match=r"cannot read metrics from 'm\.txt'") as error:
        parse_metrics(b"a", "m.txt")

    assert "`.json`" in (error.value.hint or "")
    assert "`.csv`" in (error.value.hint or "")


def test_logs_may_be_larger_than_documents() -> None:
    assert largest("metrics.csv") == largest("out/trainer_state.json") > largest("metrics.json")


def test_event_files_of_tensorboard_are_read_also_when_they_are_cut_off(tmp_path: Path) -> None:
    points = {"hp_metric": [-1.0], "val/loss": [3.0, 1.0, 2.0], "lr": [0.5]}
    file = write_events(tmp_path / "runs", points)
    content = file.read_bytes()
    goal = Policy((("val/loss", Rule("min")),))

    assert parse_metrics(content, file.name) == {"val/loss": 2.0, "lr": 0.5, "step": 2}
    assert parse_metrics(content, file.name, "best", goal) == {"val/loss": 1.0, "step": 1}
    assert parse_metrics(content[:-5], file.name) == {"val/loss": 2.0, "step": 2}


def test_of_what_spacy_says_of_a_model_its_scores_are_metrics() -> None:
    said = {"spacy_version": ">=3.8", "lang": "en", "performance": {"ents_f": 0.5, "speed": 9}}

    assert parse_metrics(json.dumps(said).encode(), "meta.json") == {"ents_f": 0.5, "speed": 9}
    said.pop("spacy_version")
    assert parse_metrics(json.dumps(said).encode(), "meta.json") == said
