from __future__ import annotations

import random

from msgspec.structs import replace

from benchmarks.many_runs import records
from gitexp.model.message import message_text
from gitexp.model.policy import Policy
from gitexp.model.record import RunRecord, inputs_text
from gitexp.model.values import flatten
from gitexp.store.clues import Clues
from gitexp.store.lookup import (
    commit_at,
    covered,
    key_files,
    message_of,
    order_files,
    positions,
    sought,
    table,
)

COUNT = 2500


def some_records() -> list[RunRecord]:
    """Return runs of two projects, some of which have inputs and baselines in common."""
    chance = random.Random(4)
    made = []
    for number, record in enumerate(records(COUNT)):
        inputs = replace(record.inputs, oid=f"{number % 900:040x}")
        project = chance.choice(("", "models/été"))
        made.append(replace(record, inputs=inputs, project=project))
    return made


def clues_of(record: RunRecord) -> list[Clues]:
    """Return each thing by which a run may be looked for."""
    numbers: dict[str, frozenset[float]] = {}
    for values in record.metrics.values():
        for name, value in flatten(values).items():
            if isinstance(value, int | float):
                numbers[name] = frozenset({value})
    return [
        Clues(record.project, ids=frozenset({record.id})),
        Clues(record.project, inputs=frozenset({inputs_text(record.inputs)})),
        *([Clues(record.project, numbers=numbers)] if numbers else []),
    ]


def test_a_table_leads_to_every_run_that_a_look_at_all_messages_finds() -> None:
    made = some_records()
    messages = [message_text(record, Policy(), {}).encode() for record in made]
    oids = [f"{number:040x}" for number in range(COUNT)]

    files, count = table(zip(oids, messages, strict=True))

    assert count == COUNT
    for at in range(0, COUNT, 250):
        for clues in clues_of(made[at]):
            fits = clues.search()
            walked = {at for at in reversed(range(COUNT)) if fits(messages[at])}
            wanted = sought(clues)
            read = {name: files[name] for name in key_files(wanted.keys)}
            found = positions(wanted, read)
            assert walked <= found
            assert len(found - walked) <= 1
            named = {name: files[name] for name in order_files(found)}
            assert {commit_at(one, named, 20) for one in found} == {oids[one] for one in found}


def test_only_the_newest_of_very_many_with_one_thing_in_common_are_in_a_table() -> None:
    made = [replace(record, baseline="b" * 40) for record in records(300)]
    messages = (message_text(record, Policy(), {}).encode() for record in made)

    files, _ = table((f"{at:040x}", text) for at, text in enumerate(messages))
    there = sum(map(len, (files[name] for name in files if name.startswith("keys/"))))

    assert there < 8 * (300 * 5 + 50)  # what each has of its own, and the newest of what all have
    assert positions(sought(Clues("", baselines=frozenset({"b" * 40}))), files) == set(
        range(280, 300)
    )


def test_a_table_says_up_to_where_it_goes() -> None:
    assert covered(message_of("a" * 40, 12)) == ("a" * 40, 12)
    assert covered("some other commit\n\nGitexp-Lookup-Tip: a\nGitexp-Lookup-Commits: 1\n") is None
    assert covered(message_of("a" * 40, 12).replace("12", "many")) is None


def test_files_that_are_cut_off_or_not_there_lead_to_nothing() -> None:
    files, _ = table([("a" * 40, message_text(next(records(1)), Policy(), {}).encode())])
    wanted = sought(Clues("", ids=frozenset({next(records(1)).id})))

    assert positions(wanted, files) == {0}
    assert positions(wanted, {name: content[:5] for name, content in files.items()}) == set()
    assert positions(wanted, {}) == set()
    assert commit_at(0, {"order/000000": b"short"}, 20) is None
    assert commit_at(1, files, 20) is None
