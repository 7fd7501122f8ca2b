"""Records read by the thousand are what `from_json` reads, one by one."""

from __future__ import annotations

import json
from collections.abc import Callable

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from gitexp.model.many_records import many_reader
from gitexp.model.record import DataPointer, Job, Machine, Resources, RunRecord
from gitexp.model.record_json import UnreadableRecord, from_json, to_json
from gitexp.model.sweep_point import SweepPoint

from tests.model.test_record_json import records
from tests.model.workshop import RUN

FULL = replace(
    RUN,
    metrics={"metrics.json": {"loss": 0.1, "val": {"f1": 1}}},
    params={"params.yaml": {"lr": 1e-3, "layers": [1, 2]}},
    pointers=(DataPointer("data.csv", "0" * 32, 7),),
    machine=Machine(cores=2, variables={"OMP_NUM_THREADS": "2"}),
    resources=Resources(1.5, 2),
    job=Job("slurm", "17"),
    sweep="a1",
    point=SweepPoint(3, values={"lr": 0.1}),
)
KEYS = [*json.loads(to_json(FULL)), "extra", "comments"]
odd = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "done", "2026-01-02", "\ud800", "../x", 2**70, 1.0]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["a", "code", "oid", "$float", "cpu_seconds"]), inner)
    ),
    max_leaves=4,
)


def answer(read: Callable[[bytes], RunRecord], content: bytes) -> tuple[str, object]:
    try:
        return "read", to_json(read(content))
    except UnreadableRecord as unreadable:
        return "unreadable", (str(unreadable), unreadable.hint)


@given(records)
def test_what_gitexp_writes_is_read_the_same(record: RunRecord) -> None:
    content = to_json(record)

    assert answer(many_reader(), content) == answer(from_json, content)


@given(st.sampled_from(KEYS), st.none() | st.sampled_from(["code", "oid", "cpu_seconds"]), odd)
@example("resources", "cpu_seconds", 1)
@example("started", None, "2026-13-02T03:04:05.000Z")
def test_what_others_write_is_read_the_same(key: str, inside: str | None, value: object) -> None:
    found = json.loads(to_json(FULL))
    if inside is None or not isinstance(found.get(key), dict):
        found[key] = value
    else:
        found[key][inside] = value
    content = json.dumps(found).encode()

    assert answer(many_reader(), content) == answer(from_json, content)


def test_bytes_that_are_no_text_are_read_the_same() -> None:
    content = to_json(FULL).replace(b'"cores"', b'"a": "\xed\xa0\x80", "cores"')

    assert answer(many_reader(), content) == answer(from_json, content)
    content = content.replace(b"\xed\xa0\x80", b"\xff")
    assert answer(many_reader(), content) == answer(from_json, content)


@given(st.sampled_from(KEYS[:-2]))
def test_what_is_missing_is_missed(key: str) -> None:
    found = json.loads(to_json(FULL))
    del found[key]
    content = json.dumps(found).encode()

    assert answer(many_reader(), content) == answer(from_json, content)
