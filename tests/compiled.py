"""gitexp and the tests as bytecode, made once before all that import them: 9 s for each worker.

Where PYTHONDONTWRITEBYTECODE is set, each of them would make its own, and so would each gitexp
that a test starts: 0.16 s.
"""

from __future__ import annotations

import compileall
import os
import sys
from collections.abc import Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, cast

import pytest
from _pytest.assertion import rewrite

import gitexp

TESTS = Path(__file__).parent
PROCESSES = 2


def compile_everything(config: pytest.Config) -> None:
    """Compile gitexp, and the tests with their assertions rewritten, unless it was done before."""
    compileall.compile_dir(Path(gitexp.__file__).parent, quiet=1)
    rewritten = loaded_by_pytest(config)
    for path in TESTS.rglob("*.py"):
        if path.name.startswith(("test_", "conftest")):
            rewritten.add(path)
        else:
            compileall.compile_file(path, quiet=1)
    if hasattr(os, "fork"):
        by_size = sorted(rewritten, key=lambda path: path.stat().st_size)
        parts = [by_size[part::PROCESSES] for part in range(PROCESSES)]
        for child in [fork_to_rewrite(part, config) for part in parts]:
            os.waitpid(child, 0)


def loaded_by_pytest(config: pytest.Config) -> set[Path]:
    """Return the modules of plugins, Hypothesis above all, whose assertions pytest rewrites."""
    specs = [getattr(module, "__spec__", None) for module in sys.modules.values()]
    loader = config.pluginmanager.rewrite_hook
    return {Path(spec.origin) for spec in specs if spec and spec.origin and spec.loader is loader}


def fork_to_rewrite(paths: Sequence[Path], config: pytest.Config) -> int:
    """Let a process have pytest rewrite and keep these files; what fails there, workers do."""
    child = os.fork()
    if child:
        return child
    try:
        sys.dont_write_bytecode = False
        vars(rewrite)["exec"] = lambda *_: None  # pytest's loader rewrites, keeps and executes
        loader = cast("Any", config.pluginmanager.rewrite_hook)
        for path in paths:
            spec = spec_from_file_location(path.stem, path, loader=loader)
            assert spec
            loader.exec_module(module_from_spec(spec))
    finally:
        os._exit(0)
