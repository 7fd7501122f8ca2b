"""The reading API: what `import gitexp` offers to scripts and notebooks."""

from gitexp.api.difference import Diff
from gitexp.api.reading import best, diff, get, runs
from gitexp.api.run import FlatValues, Run
from gitexp.api.sequence import Runs
from gitexp.comparison.changes import ABSENT

__all__ = ["ABSENT", "Diff", "FlatValues", "Run", "Runs", "best", "diff", "get", "runs"]
