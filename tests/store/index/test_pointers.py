"""The pointers of all runs: what each read and wrote, as far as it can be known."""

from __future__ import annotations

from typing import Any

from gitexp.git.repository import Repository
from gitexp.model.record import DataPointer, Exit
from gitexp.store.index.pointers import all_pointers

from tests.store.workshop import OpenStore, RecordRun


def test_what_a_failed_run_did_not_come_to_write_is_none_of_its_inputs(
    repository: Repository, record_run: RecordRun, open_store: OpenStore
) -> None:
    data = DataPointer("data.csv", "a" * 32)
    old, made = DataPointer("m.pt", "b" * 32), DataPointer("m.pt", "b" * 32, role="output")
    epoch = DataPointer("epoch-2.pt", "c" * 32, role="output")
    for name, pointers, failed, command in (
        ("made", (data, made), False, "train.py"),
        ("failed", (data, old), True, "train.py"),
        ("resumed", (old, epoch), True, "train.py"),
        ("done", (old,), False, "train.py"),
        ("other command", (old,), True, "test.py"),
    ):
        how: dict[str, Any] = {"status": "failed", "exit": Exit(1)} if failed else {}
        record_run(repository, name, pointers=pointers, command=("python", command), **how)

    known = list(open_store().index.answer(lambda connection: list(all_pointers(connection))))

    assert [[one.path for one in run.pointers] for run in known] == [
        ["data.csv", "m.pt"],
        ["data.csv"],
        ["m.pt", "epoch-2.pt"],
        ["m.pt"],
        ["m.pt"],
    ]
