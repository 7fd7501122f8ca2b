"""Events: read from whatever lines there are, and folded to one state in whatever order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.errors import GitexpError
from gitexp.model.facts import (
    NO_FACTS,
    Event,
    Facts,
    event_line,
    events_in,
    fold,
    new_event,
)
from gitexp.model.names import check_tag
from gitexp.model.record import Comment, parse_time
from gitexp.model.values import Value
from gitexp.model.verification import Verification, Verified, verification_value

RUN = "7fk2m9q4ab"
OPS = ("tag", "untag", "note", "rename", "rm", "restore", "verify")


def at(second: int, op: str, value: Value = None, event_id: str = "0f") -> Event:
    return Event(f"2026-01-02T03:04:{second:02}.000Z", event_id, RUN, op, value, "Ada <a@b.c>")


events = st.builds(
    at,
    st.integers(0, 9),
    st.sampled_from(OPS),
    st.sampled_from(["best", "old", "a b", "", None, 3, "wide-decoder"]),
    st.sampled_from(["0a", "0b", "0c"]),
)


@given(st.lists(events), st.randoms())
def test_the_order_and_the_number_of_lines_do_not_matter(
    told: list[Event], chance: random.Random
) -> None:
    merged = [*told, *chance.sample(told, len(told) // 2)]
    chance.shuffle(merged)

    assert fold(merged) == fold(told)


@given(events, st.text(), st.integers() | st.none() | st.text())
def test_an_event_is_read_as_it_was_written(event: Event, by: str, value: Value) -> None:
    event = Event(event.time, event.id, event.run, event.op, value, by)

    line = event_line(event)

    assert "\n" not in line
    assert list(events_in(line.encode())) == [event]


def test_the_last_one_wins() -> None:
    told = [
        at(1, "tag", "best"),
        at(2, "tag", "old"),
        at(3, "untag", "best"),
        at(1, "rename", "first"),
        at(2, "rename", "second"),
        at(1, "rm"),
        at(2, "restore"),
        at(3, "rm"),
        at(4, "note", "a word"),
    ]

    assert fold(reversed(told)) == Facts(
        tags=("old",),
        untagged=("best",),
        comments=(Comment("a word", "Ada <a@b.c>", "2026-01-02T03:04:04.000Z"),),
        name="second",
        removed=True,
        last="2026-01-02T03:04:04.000Z",
    )


def test_of_two_events_of_one_moment_the_larger_id_wins() -> None:
    told = [at(1, "untag", "best", "0b"), at(1, "tag", "best", "0a")]

    assert fold(told).untagged == fold(told[::-1]).untagged == ("best",)


def test_times_are_compared_as_moments_not_as_texts() -> None:
    told = [
        Event("2026-01-02T05:00:00+02:00", "0a", RUN, "rename", "first"),
        Event("2026-01-02T03:00:00.5Z", "0b", RUN, "rename", "second"),
    ]

    assert fold(told).name == "second"


def test_a_tag_that_is_given_again_stands_last() -> None:
    told = [at(1, "tag", "a"), at(2, "tag", "b"), at(3, "untag", "a"), at(4, "tag", "a")]

    assert fold(told).tags == ("b", "a")


@pytest.mark.parametrize(
    ("op", "value"),
    [
        ("tag", "two words"),
        ("tag", "\x1b[31m"),
        ("tag", 3),
        ("untag", ""),
        ("rename", "latest"),
        ("rename", "../up"),
        ("rename", None),
        ("note", " \n"),
        ("note", ["a"]),
        ("verify", "whatever"),
    ],
)
def test_what_no_gitexp_writes_changes_nothing(op: str, value: Value) -> None:
    assert fold([at(1, op, value)]) == Facts(last="2026-01-02T03:04:01.000Z")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "a word by hand",
        "{",
        "[]",
        "{}",
        '{"time":"2026-01-02T03:04:05Z","id":"0f","run":"7fk2m9q4ab"}',
        '{"time":"2026-01-02T03:04:05","id":"0f","run":"7fk2m9q4ab","op":"rm"}',
        '{"time":"yesterday","id":"0f","run":"7fk2m9q4ab","op":"rm"}',
        '{"time":"2026-01-02T03:04:05Z","id":1,"run":"7fk2m9q4ab","op":"rm"}',
        '{"time":"2026-01-02T03:04:05Z","id":"0f","run":"7fk2m9q4ab","op":"rm","value":NaN}',
        "{" * 100_000,
    ],
)
def test_a_line_that_is_no_event_is_passed_over(line: str) -> None:
    known = at(1, "rm")

    assert list(events_in(f"{line}\n{event_line(known)}\n".encode())) == [known]
    assert list(events_in(b'{"\xff":1}\n')) == []


def test_fields_and_operations_of_a_newer_gitexp_are_read_past() -> None:
    line = event_line(at(1, "verify", {"same": True})).replace('"op"', '"new":1,"op"')

    [event] = events_in(line.encode())

    assert (event.op, event.value) == ("verify", {"same": True})
    assert fold([event]) == Facts(last=event.time)
    assert fold([]) == NO_FACTS


def test_an_event_is_later_than_those_before_it_even_if_the_clock_is_behind() -> None:
    ahead = "2199-01-01T00:00:00.0005Z"

    event = new_event(RUN, "rm", None, by="", after=(None, "2026-01-01T00:00:00Z", ahead))
    now = new_event(RUN, "rm", None, by="", after=())
    same = new_event(RUN, "rm", None, by="", after=(now.time, event.time, event.time))

    assert event.time == "2199-01-01T00:00:00.001Z"
    assert parse_time(now.time) < parse_time(event.time) < parse_time(same.time)
    assert len({event.id, now.id, same.id}) == 3


def test_a_clock_at_the_end_of_time_is_no_error() -> None:
    event = new_event(RUN, "rm", None, by="", after=("9999-12-31T23:59:59.999999Z",))

    assert event.run == RUN


@pytest.mark.parametrize("tag", ["best", "stage:prod", "v1.0", "größer", "a/b", "#7", "x" * 100])
def test_what_can_be_typed_is_a_tag(tag: str) -> None:
    check_tag(tag)


@pytest.mark.parametrize("tag", ["", "a b", "a,b", "-d", "a\n", "\x1b", "\u2028", "\udc80"])
def test_what_cannot_be_typed_or_told_apart_in_a_list_is_no_tag(tag: str) -> None:
    with pytest.raises(GitexpError, match="is not a valid tag"):
        check_tag(tag)


def test_a_tag_fits_a_line() -> None:
    with pytest.raises(GitexpError, match="a tag of 101 characters"):
        check_tag("x" * 101)


def test_the_last_verification_counts() -> None:
    first = Verification("differs", {"accuracy": "differs"}, reasons=("no seed",))
    last = Verification("reproduced", {"accuracy": "equal"}, {"m.npz": "equal in content"})
    told = [
        at(1, "verify", verification_value(first)),
        at(3, "verify", verification_value(last)),
        at(2, "verify", verification_value(first)),
    ]

    found = fold(told).verified

    assert found == Verified(last, "Ada <a@b.c>", "2026-01-02T03:04:03.000Z")


@pytest.mark.parametrize(
    "value", [None, "reproduced", {}, {"result": "perhaps"}, {"result": "differs", "metrics": 1}]
)
def test_a_verification_that_somebody_made_up_is_passed_over(value: Value) -> None:
    assert fold([at(1, "verify", value)]).verified is None


def test_what_a_newer_gitexp_says_of_a_verification_does_not_stop_this_one() -> None:
    found = fold([at(1, "verify", {"result": "failed", "weather": "rain"})]).verified

    assert found is not None
    assert found.answer == Verification("failed")


def test_a_note_with_half_a_pair_of_surrogates_is_no_evaluation_and_no_verification() -> None:
    lines = (
        b'{"time":"2026-01-02T03:04:05.000Z","id":"%d","run":"x","op":"%s","value":{"\\ud800":1}}'
        % (number, op)
        for number, op in enumerate((b"evaluate", b"verify"))
    )

    facts = fold(events_in(b"\n".join(lines)))

    assert (facts.evaluations, facts.verified) == ((), None)
