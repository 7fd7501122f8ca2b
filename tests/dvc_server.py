"""DVC's command line as a server: each command is a fork of it, which has imported DVC already.

DVC takes 0.6 s to start, more than most commands take.
Each line that is read is a list in JSON: arguments, folder, environment, files for what it prints.
Each line that is written is an exit code.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
from typing import TextIO

EARLY = """
configobj dulwich.client dulwich.ignore dulwich.pack dvc._debug dvc.cli.parser dvc.repo.artifacts
dvc.repo.brancher dvc.repo.checkout dvc.repo.experiments dvc.repo.index dvc.repo.metrics.diff
dvc.repo.open_repo dvc.repo.push dvc.repo.trie dvc.scm dvc_data.hashfile.gc
dvc_data.index.checkout dvc_render fsspec.implementations.memory networkx platformdirs.unix
rich.console rich.table ruamel.yaml scmrepo.git
""".split()
"""All that commands need but libgit2, which asks where HOME is while it is imported."""


def become(folder: str, env: dict[str, str], *files: str) -> None:
    """Take on what a process is started with."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    for descriptor, path in enumerate((os.devnull, *files)):
        opened = os.open(path, os.O_RDWR)
        os.dup2(opened, descriptor)
        os.close(opened)


def serve(requests: TextIO, answers: TextIO) -> None:
    """Run commands until there are no more requests."""
    main = importlib.import_module("dvc.cli").main
    for name in EARLY:
        importlib.import_module(name)
    gc.freeze()
    for line in requests:
        argv, folder, env, *files = json.loads(line)
        child = os.fork()
        if not child:
            become(folder, env, *files)
            sys.argv = ["dvc", *argv]
            code = main(argv)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)  # to take apart what is imported takes 0.2 s
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
