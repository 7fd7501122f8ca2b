"""What makes the rows of very many runs, against what makes them one by one."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gitexp.model.facts import Facts
from gitexp.model.record_json import to_json
from gitexp.store.index import plain_rows
from gitexp.store.index.plain_rows import many_rows
from gitexp.store.index.rows import rows_of
from gitexp.store.stored_run import StoredRun

from tests.model.test_many_records import FULL, KEYS, odd
from tests.model.test_record_json import records

_INSIDE = st.sampled_from(["code", "oid", "reason", "version", "number", "repeat", "sweep", "a"])


def run_with(content: bytes) -> StoredRun:
    return StoredRun("5" * 40, "a1", "brave-otter-a1", "app", content)


def is_the_same(content: bytes) -> bool:
    run = run_with(content)
    return repr(many_rows()(run)) == repr(rows_of(run))


@settings(max_examples=20)
@given(records)
def test_rows_of_what_gitexp_writes_are_the_same(record: object) -> None:
    assert is_the_same(to_json(record))  # type: ignore[arg-type]


@settings(max_examples=60)
@given(st.sampled_from(KEYS), st.none() | _INSIDE, odd, st.booleans())
@example("started", None, "2026-01-02T03:04:05.678+01:00", False)
@example("started", None, "2026-13-02T03:04:05.678Z", False)
@example("ended", None, "0001-01-02T03:04:05.678Z", False)
@example("ended", None, "9999-01-02T03:04:05.678Z", False)
@example("ended", None, "2026-01-02T03:04:05.678Z\n", False)
@example("command", None, ["a\0b"], False)
@example("message", None, "é", True)
@example("point", "number", 2**63, False)
@example("point", None, None, False)
@example("sweep", None, None, False)
@example("pointers", None, [{"path": "a", "md5": "../x", "role": "output"}], False)
@example("pointers", None, [{"path": "a", "md5": "0.dir", "role": "output"}], False)
@example("outputs", None, ["a\0"], False)
@example("series", None, {"loss": {"count": 2, "last": 0.5, "min": "x"}}, False)
def test_rows_of_what_others_write_are_the_same(
    key: str, inside: str | None, value: object, as_it_is: bool
) -> None:
    found = json.loads(to_json(FULL))
    if inside is None or not isinstance(found.get(key), dict):
        found[key] = value
    else:
        found[key][inside] = value

    assert is_the_same(json.dumps(found, ensure_ascii=not as_it_is).encode(errors="surrogatepass"))


def test_what_is_plain_is_made_in_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_with(to_json(FULL))
    expected = rows_of(run)
    monkeypatch.setattr(plain_rows, "rows_of", None)

    assert many_rows()(run) == expected
    with pytest.raises(TypeError):
        many_rows()(replace(run, facts=Facts(name="another", last="6" * 40)))
