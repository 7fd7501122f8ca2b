"""Two revisions against each other, whole."""

from __future__ import annotations

from gitexp.comparison.diff import diff_sides
from gitexp.inputs.behind import samples_between
from gitexp.project import Project
from gitexp.rendering.diff import diff_document
from gitexp.rendering.table import Document
from gitexp.review.noise import with_noise
from gitexp.revisions.code import CodeDiff
from gitexp.revisions.sides import RevisionSide


def pair_document(project: Project, old: RevisionSide, new: RevisionSide) -> Document:
    """Return what differs, with the noise of repeats."""
    policy = project.config.policy
    with CodeDiff(project, old, new) as changed:
        found = diff_sides(old.side, new.side, changed.changes(), policy, changed.outputs())
    samples = samples_between(project, old, new, found) if found.metrics else {}
    if samples:
        found = with_noise(found, samples, policy)
    return diff_document(found, samples)
