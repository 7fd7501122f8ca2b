"""Pickles compared without being unpickled."""

from __future__ import annotations

import collections
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from gitexp.contents.answer import EQUAL
from gitexp.contents.kinds import compare
from gitexp.contents.pickle_reader import StandIn, Unreadable, read_pickle


class Model:
    """Something that a script may dump."""

    def __init__(self, weights: Any) -> None:
        self.weights = weights
        self.names = ["a", "b"]
        self.me = self


def forest(seed: int) -> RandomForestClassifier:
    numbers = np.random.default_rng(1).normal(size=(60, 3))
    return RandomForestClassifier(3, random_state=seed).fit(numbers, numbers[:, 0] > 0)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_are_compared_by_what_they_hold(tmp_path: Path, protocol: int) -> None:
    text, copy = "".join(map(chr, (120, 121))), "".join(map(chr, (120, 121)))
    old = {"one": Model(np.arange(3)), "x": text, "y": text, "o": collections.OrderedDict(a=1)}
    new = {**old, "x": copy, "one": Model(np.arange(3))}
    other = {**old, "one": Model(np.arange(4))}
    for name, value in (("old", old), ("new", new), ("other", other)):
        (tmp_path / name).write_bytes(pickle.dumps(value, protocol))
    assert (tmp_path / "old").read_bytes() != (tmp_path / "new").read_bytes()

    assert compare(tmp_path / "old", tmp_path / "new", "m.pkl") == EQUAL
    answer = compare(tmp_path / "old", tmp_path / "other", "m.pkl")
    assert answer.equal is False
    assert "'one.weights'" in answer.why


@pytest.mark.parametrize("compress", [0, ("gzip", 3), ("zlib", 3), ("xz", 1)])
def test_a_forest_that_was_dumped_again_is_the_same(tmp_path: Path, compress: Any) -> None:
    first, again, other = (tmp_path / name for name in ("first", "again", "other"))
    joblib.dump(forest(0), first, compress=compress)
    joblib.dump(joblib.load(first), again, compress=compress)
    joblib.dump(forest(1), other, compress=compress)

    assert compare(first, again, "m.joblib") == EQUAL
    assert compare(first, other, "m.joblib").equal is False


def test_one_changed_weight_is_found(tmp_path: Path) -> None:
    one = forest(0)
    joblib.dump(one, tmp_path / "old")
    one.estimators_[0].tree_.threshold[0] += 1e-9
    joblib.dump(one, tmp_path / "new")

    answer = compare(tmp_path / "old", tmp_path / "new", "m.joblib")

    assert answer.equal is False
    assert "tree_.nodes" in answer.why


def test_a_difference_is_found_wherever_it_is(tmp_path: Path) -> None:
    rows = [{at + 0.5: at} for at in range(40)]
    (tmp_path / "old").write_bytes(pickle.dumps(rows))

    for at in range(40):
        changed = [*rows[:at], {at + 0.5: -1}, *rows[at + 1 :]]
        (tmp_path / "new").write_bytes(pickle.dumps(changed))

        assert compare(tmp_path / "old", tmp_path / "new", "m.pkl").equal is False


def test_a_difference_beside_a_clock_is_found_wherever_it_is(tmp_path: Path) -> None:
    models = [Model(at) for at in range(40)]
    for at, one in enumerate(models):
        one.lifecycle_events = at  # type: ignore[attr-defined]
    (tmp_path / "old").write_bytes(pickle.dumps(models))

    for one in models:
        before, one.weights = one.weights, -1
        (tmp_path / "new").write_bytes(pickle.dumps(models))
        one.weights = before

        assert compare(tmp_path / "old", tmp_path / "new", "m.pkl").equal is False


def test_arrays_of_objects_are_followed(tmp_path: Path) -> None:
    for name, value in (("old", [1, "x"]), ("new", [1, "x"]), ("other", [1, "y"])):
        joblib.dump({"a": np.array(value, dtype=object), "b": np.ones(2)}, tmp_path / name)
    joblib.dump({"b": np.ones(2), "a": np.array([1, "x"], dtype=object)}, tmp_path / "new")

    assert compare(tmp_path / "old", tmp_path / "new", "m.joblib") == EQUAL
    assert compare(tmp_path / "old", tmp_path / "other", "m.joblib").equal is False


def test_nothing_of_a_pickle_is_imported_or_called(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    content = (
        b"cos\nmkdir\n(V" + str(trace).encode() + b"\ntR"  # os.mkdir(trace)
        b"\x8c\x0anot_there_\x8c\x05thing\x93)R\x86."  # not_there_.thing()
    )
    (tmp_path / "bad.pkl").write_bytes(content)

    found = read_pickle(tmp_path / "bad.pkl")

    assert not trace.exists()
    assert [type(one) for one in found] == [StandIn, StandIn]
    assert found[0].what.what == ("os", "mkdir")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a pickle",
        b"\x80\x04\x95",
        b"(lp0\n.x)R",
        b"\x8c\x03abc)R.",  # a text is called
        b"\x96\xff\xff\xff\xff\xff\xff\xff\x7f.",  # more bytes than there are
        b"\x97.",  # a buffer from elsewhere
    ],
)
def test_what_cannot_be_followed_is_unreadable(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.pkl").write_bytes(content)
    if content == b"(lp0\n.x)R":
        assert read_pickle(tmp_path / "odd.pkl") == []
        return
    with pytest.raises(Unreadable):
        read_pickle(tmp_path / "odd.pkl")


def test_only_by_request_a_pickle_is_unpickled(tmp_path: Path) -> None:
    """With protocol 5 buffers may lie elsewhere: then only its own classes can say what it is."""
    trace = tmp_path / "trace"
    call = b"cos\nmkdir\n(V%s\ntR." % str(trace).encode()
    (tmp_path / "old.pkl").write_bytes(call)
    (tmp_path / "new.pkl").write_bytes(call.replace(b"tR.", b"tR0K\x01."))

    assert compare(tmp_path / "old.pkl", tmp_path / "new.pkl", "m.pkl").equal is False
    assert not trace.exists()
    compare(tmp_path / "old.pkl", tmp_path / "new.pkl", "m.pkl", unpickle=True)
    assert trace.exists()
