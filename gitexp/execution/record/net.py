"""The net below all that follows the end of a command: what fails is named, the run is recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeVar

from gitexp.errors import reason_of

Tell = Callable[[str], None]
Value = TypeVar("Value")
Other = TypeVar("Other")


def attempt(tell: Tell, lost: str, step: Callable[[], Value], otherwise: Other) -> Value | Other:
    """Return what a step gives; if it fails, `otherwise`, with a warning that says what is lost.

    Only the commit itself may fail: a training cannot be repeated for the sake of a remark.
    """
    try:
        return step()
    except Exception as error:  # noqa: BLE001 - that is what a net is for; the warning has the type
        tell(f"warning: {lost}: {reason_of(error)}")
        return otherwise


def surely(tell: Tell) -> Tell:
    """Return a `tell` that never fails, whatever has become of those who read."""

    def told(text: str) -> None:
        with contextlib.suppress(Exception):
            tell(text)

    return told


def twice(tell: Tell, step: Callable[[Tell], Value]) -> Value:
    """Return what a step gives at its second attempt if the first one fails.

    What fails once may pass: a process that could not be started, a disk that had no room. What
    the first attempt said is not said again.
    """
    said: set[str] = set()

    def told(text: str) -> None:
        if text not in said:
            said.add(text)
            tell(text)

    try:
        return step(told)
    except Exception:  # noqa: BLE001 - a net as well; the second attempt raises what is to be said
        return step(told)
