"""Which processes record: rank 0 alone, and what schedulers say of array tasks."""

from __future__ import annotations

import pytest

from gitexp.cli.launchers import RANKS, array_task, check_inner, is_inner
from gitexp.errors import GitexpError


@pytest.mark.parametrize("variable", RANKS)
@pytest.mark.parametrize(
    ("value", "inner"), [("0", False), ("1", True), ("12", True), ("", False), ("-1", False)]
)
def test_every_launchers_rank_above_zero_leaves_the_record_to_rank_zero(
    variable: str, value: str, inner: bool
) -> None:
    assert is_inner({variable: value}) == inner


def test_what_is_no_number_is_no_rank() -> None:
    assert not is_inner({"RANK": "major"})


def test_the_first_process_of_the_second_machine_is_not_rank_zero() -> None:
    assert is_inner({"RANK": "4", "LOCAL_RANK": "0", "SLURM_PROCID": "0"})


def test_a_command_inside_a_run_belongs_to_that_run() -> None:
    assert is_inner({"GITEXP_RUN_ID": "abc"})
    assert not is_inner({"GITEXP_RUN_ID": ""})


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
    ("environment", "sets_params", "in_copy", "said"),
    [
        (
            {"SLURM_PROCID": "2"},
            True,
            False,
            r"one process of many \(SLURM_PROCID=2\) cannot set params for the others",
        ),
        ({"RANK": "1"}, False, True, r"one process of many \(RANK=1\) cannot run in a copy"),
    ],
)
def test_what_would_reach_one_process_of_many_is_refused(
    environment: dict[str, str], sets_params: bool, in_copy: bool, said: str
) -> None:
    with pytest.raises(GitexpError, match=said):
        check_inner(environment, sets_params=sets_params, in_copy=in_copy)


def test_a_run_inside_a_run_is_executed_as_the_outer_one_has_set_it_up() -> None:
    check_inner({"GITEXP_RUN_ID": "abc", "RANK": "1"}, sets_params=True, in_copy=True)
