"""A run of one commit in a process of its own, beside others."""

from __future__ import annotations

import json
import subprocess
import sys

from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.tracing.step import Step


def run_beside(project: Project, metric: str, oid: str, step: Step) -> str | GitexpError:
    """Run a commit, and return the id of its run, or why there is none.

    Ctrl-C reaches the process as it does this one: it ends its command, and records that.
    """
    ended = subprocess.run(
        [sys.executable, "-m", "gitexp", "-C", str(project.root), *_words(metric, oid, step)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if not ended.stdout:
        said = [one for one in ended.stderr.splitlines() if one.startswith("error: ")]
        return GitexpError(said[0].removeprefix("error: ") if said else "was not run")
    return str(json.loads(ended.stdout)["id"])


def _words(metric: str, oid: str, step: Step) -> list[str]:
    options = [word for text in step.overrides for word in ("-S", text)]
    options += [word for path in step.copied for word in ("--copy", path)]
    options += ["--timeout", f"{step.timeout}s"] if step.timeout is not None else []
    options += ["--allow-secrets"] if step.allow_secrets else []
    options += ["-m", step.message, "--at", oid, "--directory", step.command.directory]
    return ["bisect", metric, *options, "--", *step.command.words]
