"""Which processes record: rank 0 alone."""

from __future__ import annotations

import pytest

from gitexp.cli.launchers import check_rank
from gitexp.errors import GitexpError
from gitexp.model.ranks import RANKS, rank_above_zero, speaks_for_ranks


@pytest.mark.parametrize("variable", RANKS)
@pytest.mark.parametrize(
    ("value", "inner"), [("0", False), ("1", True), ("12", True), ("", False), ("-1", False)]
)
def test_every_launchers_rank_above_zero_leaves_the_record_to_rank_zero(
    variable: str, value: str, inner: bool
) -> None:
    assert (rank_above_zero({variable: value}) is not None) == inner


def test_what_is_no_number_is_no_rank() -> None:
    assert rank_above_zero({"RANK": "major"}) is None


def test_the_first_process_of_the_second_machine_is_not_rank_zero() -> None:
    environment = {"RANK": "4", "LOCAL_RANK": "0", "SLURM_PROCID": "0"}

    assert rank_above_zero(environment) == "RANK=4"


@pytest.mark.parametrize(
    ("environment", "speaks"),
    [
        ({}, False),
        ({"RANK": "0", "WORLD_SIZE": "8"}, False),
        ({"RANK": "1", "WORLD_SIZE": "8"}, True),
        ({"RANK": "2", "WORLD_SIZE": "8"}, False),
        ({"RANK": "9", "LOCAL_RANK": "1", "SLURM_PROCID": "1", "WORLD_SIZE": "16"}, False),
        ({"SLURM_PROCID": "3", "SLURM_NTASKS": "4"}, False),
        ({"RANK": "16"}, True),
        ({"PMIX_RANK": "2"}, False),
    ],
)
def test_one_process_of_many_says_who_records_and_so_does_a_rank_that_no_launcher_has_set(
    environment: dict[str, str], speaks: bool
) -> None:
    assert speaks_for_ranks(environment) == speaks


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
        check_rank(environment, sets_params=sets_params, in_copy=in_copy)


def test_one_process_of_many_repeats_and_skips_nothing() -> None:
    with pytest.raises(GitexpError, match=r"\(RANK=1\) cannot repeat or skip runs for the others"):
        check_rank({"RANK": "1"}, sets_params=False, in_copy=False, repeats=True)
