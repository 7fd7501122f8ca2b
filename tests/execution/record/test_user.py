"""Who is said to have recorded a run."""

from __future__ import annotations

import getpass
import itertools

import pytest

from gitexp.execution.record import record


def test_the_user_is_the_one_that_python_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever variables are set, empty ones among them."""
    names = ("LOGNAME", "USER", "LNAME", "USERNAME")
    for values in itertools.product((None, "", "ada"), repeat=len(names)):
        for name, value in zip(names, values, strict=True):
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value and f"{value}-{name}")

        try:
            expected = getpass.getuser()
        except (OSError, KeyError):  # nobody has this number
            expected = None
        assert record._user() == expected
