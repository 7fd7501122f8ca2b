"""What schedulers say of a job: which one it is, which of many tasks, and which attempt."""

from __future__ import annotations

from collections.abc import Mapping

from gitexp.model.record import Job

ARRAYS = (
    *("SLURM_ARRAY_TASK_ID", "PBS_ARRAY_INDEX", "PBS_ARRAYID", "SGE_TASK_ID", "LSB_JOBINDEX"),
    "AWS_BATCH_JOB_ARRAY_INDEX",
)
"""Where schedulers say which of many equal jobs this is."""

_NO_TASK = {"SGE_TASK_ID": "undefined", "LSB_JOBINDEX": "0"}
"""What some of them say in a job that is not one of many."""


def array_task(environment: Mapping[str, str]) -> str | None:
    """Return which of a scheduler's array tasks this is, as `NAME=INDEX`; None if not one."""
    for name in ARRAYS:
        index = environment.get(name, "")
        if index not in ("", _NO_TASK.get(name)):
            return f"{name}={index}"
    return None


def job_of(environment: Mapping[str, str]) -> Job | None:
    """Return the job that this process is a part of; None without a scheduler.

    >>> job_of({"SLURM_JOB_ID": "17", "SLURM_RESTART_COUNT": "1"})
    Job(scheduler='slurm', id='17', restarts=1, attempt=1, earlier=None)
    """
    for found in (_slurm, _lsf, _grid_engine, _pbs, _aws_batch):
        job = found(environment)
        if job is not None:
            return job
    return None


def _slurm(env: Mapping[str, str]) -> Job | None:
    """A task of an array is asked for as ARRAY_TASK, and a job's number is one of a cluster."""
    job_id = env.get("SLURM_JOB_ID") or env.get("SLURM_JOBID")
    if not job_id:
        return None
    array, task = env.get("SLURM_ARRAY_JOB_ID"), env.get("SLURM_ARRAY_TASK_ID")
    if task:
        job_id = f"{array or job_id}_{task}"
    cluster = env.get("SLURM_CLUSTER_NAME")
    restarts = _count(env.get("SLURM_RESTART_COUNT"))
    return Job("slurm", f"{job_id}@{cluster}" if cluster else job_id, restarts)


def _lsf(env: Mapping[str, str]) -> Job | None:
    """LSB_RESTART is Y after the loss of a host; whether after a requeue, nobody says."""
    job_id, task = env.get("LSB_JOBID"), env.get("LSB_JOBINDEX", "0")
    if not job_id:
        return None
    restarts = 1 if env.get("LSB_RESTART") == "Y" else None
    if env.get("LSB_INTERACTIVE") == "Y":
        restarts = 0
    return Job("lsf", f"{job_id}[{task}]" if task not in ("", "0") else job_id, restarts)


def _grid_engine(env: Mapping[str, str]) -> Job | None:
    job_id, task = env.get("JOB_ID"), env.get("SGE_TASK_ID")
    if not job_id or not task:  # JOB_ID alone may be anybody's
        return None
    restarts = 1 if env.get("RESTARTED", "0") not in ("", "0") else 0
    return Job("sge", job_id if task == "undefined" else f"{job_id}.{task}", restarts)


def _pbs(env: Mapping[str, str]) -> Job | None:
    """A job that is run again keeps its id, tasks included, and nothing says so."""
    job_id = env.get("PBS_JOBID")
    if not job_id:
        return None
    interactive = env.get("PBS_ENVIRONMENT") == "PBS_INTERACTIVE"
    return Job("pbs", job_id, 0 if interactive else None)


def _aws_batch(env: Mapping[str, str]) -> Job | None:
    """A task's id has its index in it; attempts are counted from 1."""
    job_id = env.get("AWS_BATCH_JOB_ID")
    if not job_id:
        return None
    return Job("aws-batch", job_id, max(_count(env.get("AWS_BATCH_JOB_ATTEMPT")) - 1, 0))


def _count(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0
