"""gitexp and the tests as bytecode, made once before all that import them: 9 s for each worker.

Where PYTHONDONTWRITEBYTECODE is set, each of them would make its own, and so would each gitexp
that a test starts: 0.16 s.
"""

from __future__ import annotations

import compileall
import importlib.util
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from _pytest.assertion import rewrite

import gitexp

TESTS = Path(__file__).parent
PROCESSES = 2


def compile_everything(config: pytest.Config) -> None:
    """Compile gitexp, and the tests with their assertions rewritten, unless it was done before."""
    compileall.compile_dir(Path(gitexp.__file__).parent, quiet=1)
    asserting, plain = [], []
    found = {*TESTS.rglob("*.py"), *rewritten_plugins(config)}
    for path in sorted(found, key=lambda path: path.stat().st_size):
        mine = path.is_relative_to(TESTS) and not path.name.startswith(("test_", "conftest"))
        (plain if mine else asserting).append(path)
    for path in plain:
        compileall.compile_file(path, quiet=1)
    if not hasattr(os, "fork"):
        return
    children = [fork_to_rewrite(asserting[part::PROCESSES], config) for part in range(PROCESSES)]
    for child in children:
        os.waitpid(child, 0)


def rewritten_plugins(config: pytest.Config) -> set[Path]:
    """Return the modules of plugins, Hypothesis above all, whose assertions pytest rewrites."""
    loader = config.pluginmanager.rewrite_hook
    specs = [module.__spec__ for module in sys.modules.values() if hasattr(module, "__spec__")]
    return {Path(one.origin) for one in specs if one and one.origin and one.loader is loader}


def fork_to_rewrite(paths: Iterable[Path], config: pytest.Config) -> int:
    """Let a process have pytest rewrite and keep these files; what fails there, workers do."""
    child = os.fork()
    if child:
        return child
    try:
        sys.dont_write_bytecode = False
        vars(rewrite)["exec"] = lambda *_: None  # pytest's loader rewrites, keeps and executes
        loader = config.pluginmanager.rewrite_hook
        for path in paths:
            spec = importlib.util.spec_from_file_location(path.stem, path, loader=loader)
            loader.exec_module(importlib.util.module_from_spec(spec))
    finally:
        os._exit(0)
