"""Which worker gets which test: what takes long comes first, and what is shared is made once."""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadScopeScheduling

LONG = (
    "tests/story/",
    "tests/torture/",
    "tests/execution/test_torture.py",
    "tests/cli/test_demo.py",
    "tests/cli/test_env.py",
    "tests/hooks/test_framework.py",
    "tests/importing/test_dvc_oracle.py",
)
"""Begun last, one of these would leave the other workers with nothing to do for a minute."""

MODULES = (
    "tests/cli/test_demo.py",
    "tests/execution/test_links_table.py",
    "tests/importing/test_dvc_oracle.py",
    "tests/test_packaging.py",
)
"""Those whose tests share what takes long to make."""


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each test to whichever worker is free, but those of one of the modules to one."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if module in MODULES else nodeid

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        """Forget what is done, which xdist would count through at each test: 5 s in all."""
        super().mark_test_complete(node, item_index, duration)
        scope = self._split_scope(self.registered_collections[node][item_index])
        if all(self.assigned_work[node][scope].values()):
            del self.assigned_work[node][scope]
