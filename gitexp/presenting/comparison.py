"""Several revisions beside each other, with what differs in their code."""

from __future__ import annotations

from collections.abc import Sequence

from gitexp.comparison.differences import Differences, differences
from gitexp.project import Project
from gitexp.revisions.code import CodeDiff
from gitexp.revisions.sides import RevisionSide


def differences_among(project: Project, sides: Sequence[RevisionSide]) -> Differences:
    """Return what differs among sides; code and outputs differ from those of the first."""
    first, *others = sides
    code, outputs = [], []
    for one in others:
        with CodeDiff(project, first, one) as files:
            code.append(files.changes())
            outputs.append(files.outputs())
    return differences([one.side for one in sides], code, project.config.policy, outputs)
