"""Which worker gets which test: what takes long comes first, and what is shared is made once."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

LONG = (
    "tests/story/",
    "tests/torture/",
    "tests/execution/test_torture.py",
    "tests/cli/test_env.py",
)
"""Begun last, one of these would leave the other workers with nothing to do for a minute."""

MODULES = (
    "tests/cli/test_demo.py",
    "tests/execution/test_links_table.py",
    "tests/importing/test_dvc_oracle.py",
)
"""Those whose tests share what takes long to make."""


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each test to whichever worker is free, but those of one of the modules to one."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if module in MODULES else nodeid
