"""What is done while the command runs and after it: imported only when it has started."""

from __future__ import annotations

from gitexp.execution.child import Child, Ended
from gitexp.execution.ending import Ending, status_of
from gitexp.execution.finish import record_run
from gitexp.execution.ignored import ignored_models
from gitexp.execution.meanwhile import Preloading, learn
from gitexp.execution.outcome import find_outcome
from gitexp.execution.params import OverriddenParams
from gitexp.execution.started import Started


def conclude(started: Started, child: Child, params: OverriddenParams) -> Ending:
    """Learn what can be learned while the command runs, wait for its end, and record it."""
    preloading = Preloading()
    try:
        learned = learn(started)
    finally:
        ended = child.wait()
        preloading.end()
    outcome = find_outcome(started)
    _name_ignored_models(started, ended)
    if status_of(ended) != "done":
        for warning in params.restore():
            started.tell(f"warning: {warning}")
    return record_run(started, ended, learned, outcome)


def _name_ignored_models(started: Started, ended: Ended) -> None:
    """Say which models were written that git ignores and nothing names."""
    behind = {one.pointer.path for one in started.watched}
    since = ended.started.timestamp() * 1e9
    for path, found in ignored_models(started.project, started.snapshot.index).items():
        if found[0] >= since and path not in behind:
            started.tell(
                f"note: '{path}' was written but git ignores it: not recorded "
                "(`track:` in gitexp.yaml records it)"
            )
