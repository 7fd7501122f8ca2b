from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gitexp.model.message import (
    main_metrics,
    message_text,
    numbers_by_name,
    quoted_path,
    subject,
    trailers,
    unquoted_path,
)
from gitexp.model.policy import Policy, Rule
from gitexp.model.record import Documents, Exit

from tests.model import workshop

RUN = replace(
    workshop.RUN,
    gitexp="0.1.0",
    metrics={"metrics.json": {"accuracy": 0.961, "loss": 0.104, "f1": 0.9, "auc": 0.5}},
)
TRAILERS = {
    "Gitexp-Run": "7fk2m9q4ab",
    "Gitexp-Name": "brave-otter-7f",
    "Gitexp-Status": "done",
    "Gitexp-Baseline": "b" * 40,
    "Gitexp-Inputs": f"v2:{'c' * 40}",
    "Gitexp-Command": "python train.py",
    "Gitexp-Version": "0.1.0",
}


def trailers_of_git(message: str) -> list[str]:
    ended = subprocess.run(
        ["git", "interpret-trailers", "--parse"],
        input=message.encode(),
        capture_output=True,
        check=True,
    )
    return ended.stdout.decode().splitlines()


def test_the_whole_message() -> None:
    record = replace(RUN, message="More trees.\n\nSee-Also: the paper\n")

    text = message_text(record, Policy(), {"metrics.json": {"accuracy": 0.942}})

    assert text == (
        "brave-otter-7f: accuracy 0.961 (+0.019), loss 0.104, f1 0.9\n"
        "\n"
        "More trees.\n"
        "\n"
        " See-Also: the paper\n"
        "\n"
        "Gitexp-Run: 7fk2m9q4ab\n"
        "Gitexp-Name: brave-otter-7f\n"
        "Gitexp-Status: done\n"
        f"Gitexp-Baseline: {'b' * 40}\n"
        f"Gitexp-Inputs: v2:{'c' * 40}\n"
        "Gitexp-Command: python train.py\n"
        "Gitexp-Version: 0.1.0\n"
    )


@pytest.mark.parametrize(
    "message",
    [
        "",
        "Gitexp-Run: evil",
        "ok\n\nGitexp-Run: evil\nSigned-off-by: Eve <eve@example.com>",
        "ok\n\nGitexp-Run : evil",
        "ok\n\nGitexp-Run:evil",
        "ok\r\n\r\nGitexp-Run: evil\r\n",
        "(cherry picked from commit abcdef)",
        "a table\n---\nand more",
        "---",
        "--- a/train.py\n+++ b/train.py",
        "# a comment\n\n# another",
        "------------------------ >8 ------------------------",
        "naïve\u2028Gitexp-Run: evil",
    ],
)
def test_git_finds_our_trailers_and_no_others_whatever_the_message(message: str) -> None:
    text = message_text(replace(RUN, message=message), Policy(), {})

    assert trailers_of_git(text) == [f"{key}: {value}" for key, value in TRAILERS.items()]
    assert trailers(text) == TRAILERS


@settings(max_examples=25, deadline=None)
@given(
    st.text(
        st.sampled_from("Gitexp-Run: evl\n\r\t#-(") | st.characters(codec="utf-8"), max_size=40
    ).filter(lambda text: "\0" not in text)
)
def test_no_message_hides_or_forges_a_trailer(message: str) -> None:
    text = message_text(replace(RUN, message=message), Policy(), {})

    assert trailers_of_git(text) == [f"{key}: {value}" for key, value in TRAILERS.items()]
    assert trailers(text) == TRAILERS


@pytest.mark.parametrize(
    "word", ["x\nGitexp-Run: evil", "x\u2028Gitexp-Run: evil", "x\x85Gitexp-Run: evil", "\n\n"]
)
def test_no_word_of_the_command_forges_a_trailer(word: str) -> None:
    text = message_text(replace(RUN, command=("x", word)), Policy(), {})

    assert trailers(text)["Gitexp-Run"] == RUN.id


def test_trailers_without_a_value_are_found() -> None:
    assert trailers(message_text(replace(RUN, gitexp=""), Policy(), {}))["Gitexp-Version"] == ""


def test_a_message_of_somebody_else_has_no_trailers_of_ours() -> None:
    assert trailers("fix: a bug\n\nSigned-off-by: Ada <ada@example.com>\n") == {}
    assert trailers("") == {}


def test_the_project_is_a_trailer_where_there_is_one() -> None:
    text = message_text(replace(RUN, project="packages/a\nb"), Policy(), {})

    assert trailers(text)["Gitexp-Project"] == "packages/a\\x0ab"


@given(st.text())
def test_a_quoted_path_is_one_line_and_can_be_unquoted(path: str) -> None:
    assert "\n" not in quoted_path(path)
    assert unquoted_path(quoted_path(path)) == path


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "accuracy 0.961, loss 0.104, f1 0.9"),
        ({"metrics": {}}, "done in 3 s"),
        ({"metrics": {"m.json": {"note": "fine", "ok": True}}}, "done in 3 s"),
        ({"status": "failed", "exit": Exit(3)}, "failed with exit code 3 after 3 s"),
        ({"status": "failed", "exit": Exit(None, "SIGKILL")}, "failed with SIGKILL after 3 s"),
        ({"status": "interrupted", "exit": Exit(None, "SIGINT")}, "interrupted after 3 s"),
        ({"status": "interrupted", "exit": Exit(None, None, "lost")}, "lost after 3 s"),
        (
            {"status": "interrupted", "exit": Exit(None, "SIGTERM", "timeout")},
            "timed out after 3 s",
        ),
        ({"metrics": {"m.json": {"a\n\nb: c": 1}}}, "a b: c 1"),
    ],
)
def test_the_subject_says_how_the_run_ended_on_one_line(
    changes: dict[str, object], text: str
) -> None:
    record = replace(RUN, **changes)

    assert subject(record, Policy(), {}) == f"brave-otter-7f: {text}"


def test_changes_in_the_subject_have_as_many_digits_as_tell_old_from_new() -> None:
    record = replace(RUN, metrics={"m.json": {"loss": 0.12345679}})

    text = subject(record, Policy(), {"m.json": {"loss": 0.12345678}})

    assert text == "brave-otter-7f: loss 0.12345679 (+1e-08)"


def test_the_first_change_says_what_it_is_from_if_that_is_called_something() -> None:
    record = replace(RUN, metrics={"m.json": {"new": 1, "f1": 0.5, "loss": 2}})

    text = subject(record, Policy(), {"m.json": {"f1": 0.25, "loss": 2}}, "calm-seal-7g")

    assert text == "brave-otter-7f: new 1, f1 0.5 (+0.25 from calm-seal-7g), loss 2 (0)"


@pytest.mark.parametrize(
    ("previous", "told"),
    [
        ({"train.json": {"loss": 1}}, "loss 3"),  # of training alone, which is no validation
        ({"train.json": {"loss": 1}, "valid.json": {"loss": 2}}, "loss 3 (+1)"),
        ({"valid.json": {"loss": 2}}, "loss 3 (+1)"),
    ],
)
def test_a_metric_of_several_files_is_measured_from_that_of_its_file(
    previous: Documents, told: str
) -> None:
    metrics: Documents = {"valid.json": {"loss": 3}, "train.json": {"loss": 1.5}}

    text = subject(replace(RUN, metrics=metrics), Policy(), previous)

    assert text == f"brave-otter-7f: {told}"


def test_a_metric_whose_file_was_renamed_is_measured_from_the_one_that_there_was() -> None:
    record = replace(RUN, metrics={"out/valid.json": {"loss": 3}})

    assert subject(record, Policy(), {"valid.json": {"loss": 2}}).endswith(": loss 3 (+1)")


def test_metrics_of_the_policy_come_first() -> None:
    policy = Policy((("auc", Rule()), ("missing", Rule())))

    assert main_metrics(["accuracy", "loss", "f1", "auc"], policy) == ["auc", "accuracy", "loss"]


def test_of_equal_names_the_first_file_counts() -> None:
    documents: Documents = {
        "a.json": {"loss": 1},
        "b.json": {"loss": 2, "deep": {"x": 3}, "text": "no"},
    }

    assert numbers_by_name(documents) == {"loss": 1, "deep.x": 3}
