from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gitexp.model.many_records import many_reader
from gitexp.model.record import (
    DataPointer,
    Exit,
    Inputs,
    Job,
    Machine,
    Resources,
    RunRecord,
    parse_time,
    time_text,
)
from gitexp.model.record_json import UnreadableRecord, check_record, from_json, on_one_line, to_json
from gitexp.model.sweep_point import SweepPoint
from gitexp.model.values import Value, same

from tests.model.workshop import RUN

texts = st.text(max_size=8)
paths = st.lists(texts, max_size=3).map(tuple)
files = texts.map(lambda text: text.replace("\0", "x"))
counts = st.integers(1, 2**63 - 1)
values: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=5,
)
documents = st.dictionaries(texts, st.dictionaries(texts, values, max_size=3), max_size=2)
pointers = st.builds(
    DataPointer,
    path=files,
    md5=st.text("0123456789abcdef", max_size=8),
    size=st.none() | st.integers(0),
    nfiles=st.none() | st.integers(0),
    role=st.sampled_from(["input", "output"]),
    changed=st.booleans(),
)
records = st.builds(
    lambda **fields: RunRecord(**fields),  # noqa: PLW0108 - its type hints are recursive
    id=texts,
    name=texts,
    status=st.sampled_from(["done", "failed", "interrupted"]),
    exit=st.builds(
        Exit,
        code=st.none() | st.integers(0, 255),
        signal=st.none() | texts,
        reason=st.none() | texts,
    ),
    command=paths,
    baseline=texts,
    inputs=st.builds(Inputs, oid=texts, version=st.integers(1), excluded=paths),
    started=st.just(RUN.started),
    ended=st.just(RUN.ended),
    message=texts,
    outputs=st.lists(files, max_size=3).map(tuple),
    changed_meanwhile=paths,
    host=st.none() | texts,
    resources=st.builds(
        Resources,
        cpu_seconds=st.none() | st.floats(0, 1e9),
        peak_memory=st.none() | st.integers(0),
    ),
    params=documents,
    metrics=documents,
    pointers=st.lists(pointers, max_size=2).map(tuple),
    tags=paths,
    job=st.none()
    | st.builds(
        Job,
        scheduler=texts,
        id=texts,
        restarts=st.none() | st.integers(0),
        attempt=st.integers(1),
        earlier=st.none() | texts,
    ),
    notes=paths,
    sweep=st.none() | texts,
    point=st.none()
    | st.builds(
        SweepPoint,
        number=counts,
        repeat=counts,
        attempt=st.integers(1),
        values=st.dictionaries(texts, values, max_size=2),
        sweep=texts,
        window=st.none() | st.integers(0),
        known=st.none() | texts,
        threads=st.none() | st.integers(1),
        slot=st.none() | texts,
    ),
    extra=st.dictionaries(texts.map(lambda text: f"x-{text}"), values, max_size=2),
)


def without_values(record: RunRecord) -> RunRecord:
    point = record.point and replace(record.point, values={})
    return replace(record, params={}, metrics={}, extra={}, point=point)


def refuse(constant: str) -> None:
    pytest.fail(f"{constant} is not strict JSON")


@given(records)
def test_a_record_comes_back_as_it_was(record: RunRecord) -> None:
    content = to_json(record)

    json.loads(content, parse_constant=refuse)
    found = from_json(content)
    assert to_json(found) == content
    for document in ("params", "metrics", "extra"):
        assert same(getattr(found, document), getattr(record, document))
    assert without_values(found) == without_values(record)


def test_nan_and_infinities_are_values() -> None:
    record = replace(RUN, metrics={"m.json": {"loss": math.nan, "best": [-math.inf]}})

    assert b'"$float": "nan"' in to_json(record)
    assert same(from_json(to_json(record)).metrics, record.metrics)


def test_unknown_fields_are_kept() -> None:
    content = json.dumps({**json.loads(to_json(RUN)), "weather": {"sun": 2}})

    record = from_json(content)

    assert record.extra == {"weather": {"sun": 2}}
    assert json.loads(to_json(record))["weather"] == {"sun": 2}


def test_a_machine_is_read_as_it_was_written_and_left_out_if_it_is_not_known() -> None:
    machine = Machine("EPYC", 2, 2**31, ("T4",), "550.54", "12.4", {"OMP_NUM_THREADS": "3"})
    run = replace(RUN, machine=machine)

    assert from_json(to_json(run)) == run
    assert b"machine" not in to_json(RUN)
    assert from_json(to_json(RUN).replace(b'"exit": {', b'"machine": null, "exit": {')) == RUN


def test_a_run_of_an_unknown_version_says_what_it_needs() -> None:
    with pytest.raises(UnreadableRecord, match=r"needs gitexp ≥ 9\.1"):
        from_json('{"version": 2, "gitexp": "9.1", "id": "x"}')


def test_fields_that_may_be_missing_have_defaults() -> None:
    needed = (
        "version id name status exit command baseline inputs started ended pointers params"
    ).split()
    full = json.loads(to_json(RUN))

    assert from_json(json.dumps({name: full[name] for name in needed})) == RUN


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b"null",
        b"NaN",
        b'{"version": 1}',
        b'{"version": "1"}',
        to_json(RUN).replace(b'"exit": {', b'"exit": null, "x": {'),
        to_json(RUN).replace(b'"pointers": []', b'"pointers": 5'),
        to_json(RUN).replace(b'"pointers": []', b'"pointers": [5]'),
        to_json(RUN).replace(b'"exit": {', b'"machine": 3, "exit": {'),
        to_json(RUN).replace(b'"exit": {', b'"machine": {"cores": "two"}, "exit": {'),
        to_json(RUN).replace(b'"exit": {', b'"machine": {"gpus": [5]}, "exit": {'),
        to_json(RUN).replace(b'"exit": {', b'"machine": {"variables": {"A": 1}}, "exit": {'),
        to_json(RUN).replace(b'"host": null', b'"host": {}'),
        to_json(RUN).replace(b'"user": null', b'"user": 5'),
        to_json(RUN).replace(b'"exit": {', b'"read": [], "exit": {'),
        to_json(RUN).replace(b'"exit": {', b'"series": "", "exit": {'),
        to_json(RUN).replace(b'"cpu_seconds": null', b'"cpu_seconds": {"$float": "nan"}'),
        to_json(RUN).replace(b'"peak_memory": null', b'"peak_memory": "much"'),
        to_json(RUN).replace(b'"pointers": []', b'"pointers": [{"path": 5, "md5": "ab"}]'),
        to_json(RUN).replace(b"05.000Z", b"05.000"),
        to_json(RUN).replace(b"2026-01-02T03:04:08", b"9999-12-31T23:59:59"),
        to_json(RUN).replace(b'"project": ""', b'"project": "\\ud800"'),
        to_json(RUN).replace(b'"project": ""', b'"project": "a\\u0000"'),
        to_json(RUN).replace(b'"exit": {', b'"point": {"number": 9223372036854775808}, "exit": {'),
        b"[" * 200_000,
    ],
)
def test_what_is_no_record_is_refused_alone_and_among_many(content: bytes) -> None:
    assert content != to_json(RUN)
    for read in (from_json, many_reader()):
        with pytest.raises(UnreadableRecord):
            read(content)


@pytest.mark.parametrize(
    "record",
    [
        replace(RUN, pointers=(DataPointer("data", "../x"),)),
        replace(RUN, started="yesterday"),
        replace(RUN, params={"params.yaml": 5}),
    ],
)
def test_what_could_not_be_read_back_is_refused_before_it_is_written(record: RunRecord) -> None:
    with pytest.raises(UnreadableRecord) as written:
        check_record(record)
    with pytest.raises(UnreadableRecord) as read:
        from_json(to_json(record))

    assert str(written.value) == str(read.value)


def test_the_duration_is_from_start_to_end() -> None:
    assert RUN.duration == 3.4
    assert time_text(parse_time("2026-01-02T04:04:05.1234+01:00")) == "2026-01-02T03:04:05.123Z"


def test_a_record_on_one_line_says_the_same() -> None:
    record = replace(RUN, message="a\n  b\\n", params={"p": {"x y": " \n ", "nan": math.nan}})
    content = to_json(record)

    line = on_one_line(content)

    assert line is not None
    assert "\n" not in line
    assert json.loads(line) == json.loads(content)
    assert on_one_line(b'{"version": 1}') is None


def test_a_job_and_notes_are_written_only_if_there_are_any() -> None:
    with_both = replace(RUN, job=Job("slurm", "17", 1, 2, "0123456789"), notes=("a note",))

    assert from_json(to_json(with_both)) == with_both
    assert not {"job", "notes"} & json.loads(to_json(RUN)).keys()


@pytest.mark.parametrize(
    "field",
    ['"job": "17"', '"job": {"scheduler": 1, "id": "17"}', '"notes": "one"', '"notes": [1]'],
)
def test_a_job_or_notes_of_another_kind_are_no_record(field: str) -> None:
    content = to_json(RUN).replace(b"{", b"{%s," % field.encode(), 1)

    with pytest.raises(UnreadableRecord):
        from_json(content)
