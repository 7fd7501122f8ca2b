"""Runs put onto the branch by hand, for tests in which only what is recorded counts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from gitexp.git.commits import write_blobs
from gitexp.git.index import PrivateIndex
from gitexp.git.repository import Repository
from gitexp.git.trees import Entry
from gitexp.model.message import message_text
from gitexp.model.policy import Policy
from gitexp.model.record import RunRecord
from gitexp.model.record_json import to_json
from gitexp.store.pending import append
from gitexp.store.stored_run import RECORD_NAME

_NONE: Mapping[str, bytes] = MappingProxyType({})


def put_run(
    repository: Repository,
    record: RunRecord,
    scratch: Path,
    *,
    content: bytes | None = None,
    files: Mapping[str, bytes] = _NONE,
) -> str:
    """Put a run onto the branch, beside what is in git; return its commit.

    `content` is what stands in place of its record, and `files` are there besides.
    """
    folder = f"{record.project}/" if record.project else ""
    contents = {f"{folder}{RECORD_NAME}": content or to_json(record), **files}
    oids = write_blobs(repository, list(contents.values()), scratch)
    index = PrivateIndex.copied(repository, scratch / "index")
    index.put({path: Entry("100644", oid) for path, oid in zip(contents, oids, strict=True)})
    tree, message = index.write_tree(), message_text(record, Policy(), {})
    return append(repository, "experiments", tree=tree, message=message, run_id=record.id).oid
