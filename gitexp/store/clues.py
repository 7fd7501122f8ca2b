"""What the messages of runs say of which ones are worth fetching."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from gitexp.model.message import (
    BASELINE_TRAILER,
    INPUTS_TRAILER,
    PROJECT_TRAILER,
    RUN_TRAILER,
    trailers,
    unquoted_path,
)
from gitexp.model.numbers import texts_of

MOST = 50
"""How many runs with the same numbers are fetched, and with the same inputs; the newest."""
ON_ONE = 20
"""How many runs of one baseline are."""
_TRAILER = f"\n{RUN_TRAILER}: ".encode()


class Clues(Struct, frozen=True, dict=True):
    """What is known of runs that are looked for; one of these will do."""

    project: str
    """The folder of their project."""
    ids: frozenset[str] = frozenset()
    baselines: frozenset[str] = frozenset()
    inputs: frozenset[str] = frozenset()
    """As in the trailer."""
    numbers: Mapping[str, frozenset[float]] = {}
    """Metrics by flat name; several files may have one of that name."""

    def search(self) -> Callable[[bytes], bool]:
        """Return what says of one message after the other, the newest first, whether to fetch it.

        Of many that have one thing in common, only the newest count.
        """
        seen: dict[tuple[str, str], int] = {}

        def fits(message: bytes) -> bool:
            if _TRAILER not in message:
                return False
            wanted = False
            for kind, text, most in self._fitting(os.fsdecode(message)):
                seen[kind, text] = seen.get((kind, text), 0) + 1
                wanted = wanted or seen[kind, text] <= most
            return wanted

        return fits

    def _fitting(self, message: str) -> Iterator[tuple[str, str, int]]:
        """Yield what of a run fits, and of how many runs it may at most."""
        known = trailers(message)
        if unquoted_path(known.get(PROJECT_TRAILER, "")) != self.project:
            return
        run, baseline = known.get(RUN_TRAILER, ""), known.get(BASELINE_TRAILER, "")
        inputs = known.get(INPUTS_TRAILER, "")
        if run in self.ids:
            yield "id", run, MOST
        if baseline in self.baselines:
            yield "baseline", baseline, ON_ONE
        if inputs in self.inputs:
            yield "inputs", inputs, MOST
        if self._has_numbers(message.partition("\n")[0]):
            yield "numbers", "", MOST

    def _has_numbers(self, subject: str) -> bool:
        """Return whether a subject names some of the metrics, and all with these numbers.

        It rounds them, and has few of them: so others may fit as well.
        """
        if self._pattern is None:
            return False
        found = self._pattern.findall(subject)
        return bool(found) and all(text in self._texts[name] for name, text in found)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        names = "|".join(map(re.escape, sorted(self.numbers, key=len, reverse=True)))
        return re.compile(rf"(?<=[:,] )({names}) ([^\s,;]+)(?=[,;]| \(|$)") if names else None

    @cached_property
    def _texts(self) -> Mapping[str, frozenset[str]]:
        return {
            name: frozenset(text for number in numbers for text in texts_of(number))
            for name, numbers in self.numbers.items()
        }
