"""Tests that share what takes long to make: one worker gets all of a module, and makes it once."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

MODULES = (
    "tests/cli/test_demo.py",
    "tests/execution/test_links_table.py",
    "tests/importing/test_dvc_oracle.py",
)


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each test to whichever worker is free, but those of one of the modules to one."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if module in MODULES else nodeid
