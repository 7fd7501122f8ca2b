"""What goes along with every command: heeding orders to stop, and looks at what it uses."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

from gitexp.execution.command.child import Child
from gitexp.execution.stages import Plan, Started
from gitexp.model.command.text import command_text
from gitexp.model.headway import ends_in
from gitexp.model.record import Documents
from gitexp.model.system import FILE
from gitexp.store.processes import marked_processes
from gitexp.store.running import About, write_about
from gitexp.store.stopping import take_order

if TYPE_CHECKING:
    from gitexp.execution.system.sampler import Sampler

_LOOK_EVERY = 1.0
"""Seconds between two looks at whether somebody wants the command to end."""


def about(plan: Plan, params: Documents, began: float) -> About:
    """Return what a run says of itself while it is under way."""
    request, ends = plan.request, ends_in(params.values())
    message = request.message.encode(errors="replace").decode()  # half a surrogate is no JSON
    return About(command_text(plan.command), message, began, ends, alone=request.alone)


class Attendant:
    """Goes along with one command that has been running for a moment."""

    def __init__(self, started: Started, child: Child, began: float) -> None:
        """Take the command, and when it began on the monotonic clock."""
        self._plan, self._params = started.plan, started.params
        self._child = child
        self._scratch = started.scratch
        self._samples = started.project.config.system
        self._began = began
        self._is_first = True
        self._sampler: Sampler | None = None

    def attend(self) -> None:
        """Go along until the command has ended."""
        pause = 0.0
        while not self._child.wait_for_end(pause):
            for step in (self._heed, self._introduce):
                with contextlib.suppress(Exception):  # the next look may be luckier
                    step()
            try:
                pause = min(_LOOK_EVERY, self._look())
            except Exception:  # noqa: BLE001 - a figure less is better than a run less
                self._samples, pause = False, _LOOK_EVERY

    def _look(self) -> float:
        """Look at what the command uses, if that is due; return seconds until it is again."""
        if not self._samples:
            return _LOOK_EVERY
        if self._sampler is None:
            from gitexp.execution.system.sampler import Sampler  # noqa: PLC0415 - 20 ms, of commands that go on

            elapsed = time.monotonic() - self._began
            self._sampler = Sampler(self._child.pid, self._scratch / FILE, elapsed=elapsed)
        self._sampler.look()
        return self._sampler.pause or _LOOK_EVERY

    def _introduce(self) -> None:
        """Say once what the run is, for those who look at it from elsewhere."""
        if self._is_first:
            self._is_first = False
            began = time.time() - (time.monotonic() - self._began)
            write_about(self._scratch, about(self._plan, self._params, began))

    def _heed(self) -> None:
        """Have the command end if somebody asked for it, and all that a Ctrl-C would reach."""
        order = take_order(self._scratch)
        if order is None:
            return
        name, whole = order
        signum = signal.Signals[name]
        if signum == signal.SIGINT and signal.getsignal(signum) == signal.SIG_IGN:
            signum = signal.SIGTERM  # `&` in a script: the command has inherited that as well
        self._child.stop(signum, "stopped" if whole == "run" else "signal")
        if self._child.leads_group:
            return
        for pid in marked_processes(self._plan.id):
            with contextlib.suppress(OSError):
                if pid != self._child.pid and os.getpgid(pid) == os.getpgrp():
                    os.kill(pid, signum)
