"""A sweep on Slurm: an array whose tasks are agents; sites differ, so it is printed, not sent."""

from __future__ import annotations

import shlex
from pathlib import Path

from gitexp.sweep.plan import Plan

_MOST_TASKS = 8


def slurm_script(plan: Plan, jobs: int, directory: Path) -> str:
    """Return a script that has Slurm work on a sweep that has begun in a clone on a shared disk.

    A task ends when there is no point left; one that Slurm starts again takes the next point.
    """
    name = plan.sweep.name or plan.sweep.id
    tasks = jobs if jobs > 1 else max(1, min(_MOST_TASKS, plan.to_do))
    agent = shlex.join(["gitexp", "-C", str(directory), "sweep", "--agent", "--resume", name])
    lines = [
        "#!/bin/sh",
        f"#SBATCH --job-name={shlex.quote(name)}",
        f"#SBATCH --array=1-{tasks}",
        "#SBATCH --signal=B:TERM@120",
        "#SBATCH --requeue",
        "##SBATCH --cpus-per-task=4 --mem=8G --time=4:00:00",
        "##SBATCH --gres=gpu:1",
        f"exec {agent}",
    ]
    return "".join(f"{line}\n" for line in lines)
