"""A folder in the work tree, for what goes through trees."""

from __future__ import annotations

from collections.abc import Mapping

import pytest


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """Two files, one in a folder."""
    return {"train.py": "print('training')\n", "conf/params.yaml": "rate: 0.1\n"}
