"""The Python that a command really uses, found by watching what it starts.

A wrapper chooses its Python late and makes its environment first, so nothing but the process
itself knows. Packages are read when a process is seen: an environment may be gone with it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gitexp.execution.command.process import start_thread
from gitexp.execution.environment.asked import (
    by_its_libraries,
    is_question,
    is_tool,
    names_itself,
)
from gitexp.execution.environment.environment import UNKNOWN, Environment, Ground
from gitexp.execution.environment.interpreter import is_python
from gitexp.execution.environment.tree import Found, Image, environment_of, pythons_below
from gitexp.model.variables import recorded_variables

_FIRST = 0.004
_SOON = 0.02
"""Seconds between looks while no Python has been seen, in the first minute; later 10 and 50 times
that. A Python takes as long to start."""
_GROWTH = 1.3
_RARELY = 10.0
_MINUTE = 60.0
_LATER = ((_MINUTE, _SOON), (10 * _MINUTE, 10 * _SOON))
_MATTERS = 1.0
"""Seconds of CPU time from which another environment is worth a remark."""

Keep = Callable[[Environment], None]


class _Seen(Struct):
    """One image, for as long as it was seen."""

    environment: Environment | None
    """None if it is not the user's code, or could not be read."""
    first: float
    """Seconds of CPU time."""
    last: float
    order: int


def _stamps(program: Path, home: str) -> Iterator[int]:
    """Yield when packages were last installed, or removed, where a Python may have them."""
    for prefix in (program.parent.parent, Path(home or "/", ".local")):
        for folder in sorted(prefix.glob("lib*/python*/*-packages")):
            with contextlib.suppress(OSError):
                yield folder.stat().st_mtime_ns


class Watch:
    """Looks at a command's processes until it is told to stop, ever more rarely."""

    def __init__(
        self,
        pid: int,
        argv: Sequence[str],
        *,
        cwd: Path,
        cache: Path,
        ground: Ground,
        keep: Keep,
    ) -> None:
        self._pid = pid
        self._words = " ".join(argv)
        self._cwd = cwd
        self._cache = cache
        self._ground = ground
        self._keep = keep
        self._seen: dict[Image, _Seen] = {}
        self._processes: dict[tuple[int, str, str, str], Image] = {}
        self._pids: set[tuple[int, str]] = set()
        self._read: dict[tuple[str, str], tuple[tuple[int, ...], Environment]] = {}
        self._stopped, self._done = threading.Event(), threading.Event()
        start_thread(self._watch)

    def end(self) -> Environment:
        """Stop, and return the environment that most was computed in, or UNKNOWN."""
        self._stopped.set()
        self._done.wait()
        return self._most_used()

    def others(self) -> tuple[str, ...]:
        """Return other Pythons, with other packages, that have computed for some time."""
        chosen = self._most_used()
        found = {
            one.environment.source
            for one in self._seen.values()
            if one.environment is not None
            and one.environment.packages != chosen.packages
            and one.last - one.first >= _MATTERS
        }
        return tuple(sorted(found - {chosen.source}))

    def _watch(self) -> None:
        begun, pause = time.monotonic(), _FIRST
        try:
            while True:
                pause = min(pause * _GROWTH, self._longest(time.monotonic() - begun))
                with contextlib.suppress(Exception):  # what cannot be seen is unknown, no more
                    if self._look():  # where one has just begun, another may follow soon
                        pause = _FIRST
                if self._stopped.wait(pause):
                    return
        finally:
            self._done.set()

    def _longest(self, elapsed: float) -> float:
        if any(one.environment is not None for one in self._seen.values()):
            return _RARELY
        return next((pause for end, pause in _LATER if elapsed < end), 50 * _SOON)

    def _look(self) -> bool:
        """Look once, and say whether a Python was there that had not been seen before."""
        before = len(self._seen)
        for found in pythons_below(self._pid):
            image = self._image(found.image)
            known = self._seen.get(image)
            if known is not None:
                known.last = found.seconds
                continue
            variables = environment_of(image.pid)
            if not variables:  # it is becoming another program, or ends: no look can tell more
                continue
            environment = self._environment(found, variables)
            process = (image.pid, image.begun)
            spent = found.seconds if process in self._pids else 0.0
            self._pids.add(process)
            self._seen[image] = _Seen(environment, spent, found.seconds, len(self._seen))
            if environment is not None:
                with contextlib.suppress(OSError):  # for whoever has to recover the run
                    self._keep(self._most_used())
        return len(self._seen) > before

    def _image(self, image: Image) -> Image:
        """Return the image that a process was, if it has only given itself another title.

        The name of a Python is none: a process that was seen before it became one.
        """
        key = (image.pid, image.begun, image.program, image.stack)
        before = self._processes.setdefault(key, image)
        if before != image:
            name = Path(image.words[0]).name
            is_title = name != Path(before.words[0]).name and not is_python(name.lower())
            if is_title and not is_tool(before.words):
                return before
            self._processes[key] = image
        return image

    def _environment(self, found: Found, variables: Mapping[str, str]) -> Environment | None:
        image = found.image
        if is_tool(image.words) or is_question(image.words, found.parent, self._words):
            return None
        program = names_itself(image, variables) or by_its_libraries(image)
        environment = self._installed(program, variables)
        if environment is None or not program.exists():  # gone before it was read
            return None
        chosen = recorded_variables(variables)
        return environment if not chosen else replace(environment, variables=chosen)

    def _installed(self, program: Path, variables: Mapping[str, str]) -> Environment | None:
        """Read what a Python has installed, unless nothing was since another process was seen.

        A training may start its workers again and again.
        """
        key = str(program), variables.get("PYTHONPATH", "")
        stamps = tuple(_stamps(program, variables.get("HOME", "")))
        known = self._read.get(key)
        if known is not None and known[0] == stamps:
            return known[1]
        # 2 ms, where a Python is seen
        from gitexp.execution.environment.installation import Inquiry  # noqa: PLC0415 - as above
        from gitexp.execution.environment.packages import read_installed  # noqa: PLC0415 - as above

        found = read_installed(program, Inquiry(self._cwd, variables, self._cache), self._ground)
        if found is not None and stamps:
            self._read[key] = stamps, found
        return found

    def _most_used(self) -> Environment:
        """Return the environment with the most CPU time; of its processes, the latest."""
        found = [(one.environment, one) for one in self._seen.values() if one.environment]
        spent: dict[str, float] = {}
        for environment, one in found:
            spent[environment.source] = spent.get(environment.source, 0.0) + one.last - one.first
        best = max(
            found,
            key=lambda each: (spent[each[0].source], each[1].last, each[1].order),
            default=None,
        )
        return best[0] if best else UNKNOWN
