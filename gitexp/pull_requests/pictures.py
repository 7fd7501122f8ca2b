"""Pictures that a change alters, and where the host shows each end's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import quote

from gitexp.git.diffs import differing_entries
from gitexp.git.trees import Entry
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.review.review import Pictured, Review
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import commit_revision

_ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg")
_LINK = "120000"


def changed_pictures(project: Project, review: Review, raw: str | None) -> tuple[Pictured, ...]:
    """Return the pictures among the outputs that differ between base and head.

    `raw` is where the host has files of commits, `RAW/OID/PATH`; None if it is not known.
    """
    if raw is None or review.is_empty:
        return ()
    base, head = review.base.oid, review.head.oid
    declared = Reading(project, commit_revision(project, head, review.head.label)).declared
    found = differing_entries(project.repository, base, head, project.recorded_folders())
    return tuple(
        Pictured(
            project.name(TopPath(path)),
            _address(raw, base, path, old),
            _address(raw, head, path, new),
        )
        for path, (old, new) in sorted(found.items())
        if path.lower().endswith(_ENDINGS) and declared.is_output(path)
    )


def _address(raw: str, oid: str, path: str, entry: Entry | None) -> str | None:
    """Return where a file of a commit is shown; a link is no picture."""
    there = entry is not None and entry.mode != _LINK
    return f"{raw}/{oid}/{quote(os.fsencode(path), safe='/')}" if there else None


def raw_files(variables: Mapping[str, str]) -> str | None:
    """Return where the host of the CI that runs shows files of commits; None outside of CI."""
    server, repository = variables.get("GITHUB_SERVER_URL"), variables.get("GITHUB_REPOSITORY")
    if variables.get("GITHUB_ACTIONS") == "true" and server and repository:
        return f"{server}/{repository}/raw"
    place = variables.get("CI_PROJECT_URL")
    return f"{place}/-/raw" if variables.get("GITLAB_CI") == "true" and place else None
