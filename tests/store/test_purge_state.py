"""What a clone has done about purges, written down by several processes at a time."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from gitexp.git.repository import Repository
from gitexp.model.purge import Purge
from gitexp.store.own import own_folder
from gitexp.store.purge_state import Done, read_done
from gitexp.store.purges import accept, refuse


def test_no_answer_is_lost_where_several_are_given_at_a_time(repository: Repository) -> None:
    purges = [Purge(f"{number:016x}", "2026-01-02T03:04:05.000Z") for number in range(60)]

    def answer(purge: Purge) -> None:
        (refuse if int(purge.id, 16) % 3 == 0 else accept)(repository, [purge])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(answer, purges))

    keys = [purge.key for purge in purges]
    found = read_done(repository)
    assert found.refused == frozenset(keys[::3])
    assert found.accepted == frozenset(keys) - found.refused


def test_what_cannot_be_read_counts_as_nothing(repository: Repository) -> None:
    place = own_folder(repository).made().purged
    for content in (b"", b"[]", b'{"tip":"\xff"}', b"[" * 5000, json.dumps({"purges": 1}).encode()):
        place.write_bytes(content)

        assert read_done(repository) == Done()
