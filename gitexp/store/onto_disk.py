"""A file on its way to the disk, while whoever wrote it goes on."""

from __future__ import annotations

import os
import threading
from pathlib import Path


class OntoDisk:
    """One fsync, for which nobody waits before it matters."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY)
        self._error: OSError | None = None
        self._thread: threading.Thread | None = threading.Thread(target=self._sync, daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # no thread can be started
            self._thread = None
            self._sync()

    def _sync(self) -> None:
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            self._error = error
        finally:
            os.close(self._descriptor)

    def wait(self) -> None:
        """Return once the disk has the file; raise OSError if it has not.

        It has its name as well, by what ext4, xfs and btrfs do with a file that is new.
        """
        if self._thread is not None:
            self._thread.join()
        if self._error is not None:
            raise self._error
