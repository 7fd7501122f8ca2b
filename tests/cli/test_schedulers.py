"""What schedulers say: which job, which task of an array, which attempt."""

from __future__ import annotations

import pytest

from gitexp.cli.schedulers import array_task, job_of
from gitexp.model.record import Job


@pytest.mark.parametrize(
    ("environment", "task"),
    [
        ({"SLURM_ARRAY_TASK_ID": "0", "SLURM_PROCID": "0"}, "SLURM_ARRAY_TASK_ID=0"),
        ({"PBS_ARRAY_INDEX": "3"}, "PBS_ARRAY_INDEX=3"),
        ({"PBS_ARRAYID": "3"}, "PBS_ARRAYID=3"),
        ({"SGE_TASK_ID": "3"}, "SGE_TASK_ID=3"),
        ({"SGE_TASK_ID": "undefined"}, None),
        ({"LSB_JOBINDEX": "3"}, "LSB_JOBINDEX=3"),
        ({"LSB_JOBINDEX": "0"}, None),
        ({"AWS_BATCH_JOB_ARRAY_INDEX": "0"}, "AWS_BATCH_JOB_ARRAY_INDEX=0"),
        ({"SLURM_JOB_ID": "17", "SLURM_ARRAY_TASK_ID": ""}, None),
        ({}, None),
    ],
)
def test_an_array_task_is_told_from_an_ordinary_job(
    environment: dict[str, str], task: str | None
) -> None:
    assert array_task(environment) == task


@pytest.mark.parametrize(
    ("environment", "job"),
    [
        ({"SLURM_JOB_ID": "17"}, Job("slurm", "17", 0)),
        ({"SLURM_JOB_ID": "17", "SLURM_RESTART_COUNT": "2"}, Job("slurm", "17", 2)),
        ({"SLURM_JOBID": "17", "SLURM_RESTART_COUNT": "many"}, Job("slurm", "17", 0)),
        (
            {"SLURM_JOB_ID": "17", "SLURM_CLUSTER_NAME": "north"},
            Job("slurm", "17@north", 0),
        ),
        (
            {"SLURM_JOB_ID": "20", "SLURM_ARRAY_JOB_ID": "17", "SLURM_ARRAY_TASK_ID": "3"},
            Job("slurm", "17_3", 0),
        ),
        ({"LSB_JOBID": "17", "LSB_JOBINDEX": "0"}, Job("lsf", "17", None)),
        ({"LSB_JOBID": "17", "LSB_JOBINDEX": "3", "LSB_RESTART": "Y"}, Job("lsf", "17[3]", 1)),
        ({"LSB_JOBID": "17", "LSB_INTERACTIVE": "Y"}, Job("lsf", "17", 0)),
        ({"JOB_ID": "17", "SGE_TASK_ID": "undefined", "RESTARTED": "0"}, Job("sge", "17", 0)),
        ({"JOB_ID": "17", "SGE_TASK_ID": "3", "RESTARTED": "1"}, Job("sge", "17.3", 1)),
        ({"JOB_ID": "of a web server"}, None),
        ({"PBS_JOBID": "17[3].head"}, Job("pbs", "17[3].head", None)),
        ({"PBS_JOBID": "17.head", "PBS_ENVIRONMENT": "PBS_INTERACTIVE"}, Job("pbs", "17.head", 0)),
        ({"AWS_BATCH_JOB_ID": "a1:3", "AWS_BATCH_JOB_ATTEMPT": "2"}, Job("aws-batch", "a1:3", 1)),
        ({"SLURM_JOB_ID": ""}, None),
        ({}, None),
    ],
)
def test_a_job_is_known_by_what_its_scheduler_sets(
    environment: dict[str, str], job: Job | None
) -> None:
    assert job_of(environment) == job
