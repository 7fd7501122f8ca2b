"""The message of the commit that brings a run onto a branch."""

from __future__ import annotations

from textwrap import dedent

from msgspec.structs import replace

from gitexp.comparison.changes import Side
from gitexp.handover.branch_message import branch_message
from gitexp.model.policy import Policy, Rule

from tests.model.workshop import RUN

RECORD = replace(
    RUN,
    ended="2026-01-02T03:04:09.000Z",
    params={"params.yaml": {"rate": 0.2, "kind": "a\nb", "new": [1, None]}},
    metrics={"metrics.json": {"accuracy": 0.961, "loss": 0.104}},
)
BEFORE = Side(
    label="the baseline",
    params={"params.yaml": {"rate": 0.1, "kind": "a", "gone": True}},
    metrics={"metrics.json": {"accuracy": 0.942, "loss": 0.104}},
    pointers={},
    environment=None,
)
POLICY = Policy((("accuracy", Rule(goal="max")),))


def test_the_body_says_how_metrics_and_params_moved() -> None:
    text = branch_message(RECORD, BEFORE, POLICY)

    assert text == dedent("""\
        brave-otter-7f: accuracy 0.961 (+0.019), loss 0.104 (0.0)

        Metrics:

        - accuracy: 0.942 → 0.961 (+0.019, better)

        Params:

        - gone: true → none
        - kind: a → a b
        - new: [1, null]
        - rate: 0.1 → 0.2 (+0.1)

        Gitexp-From-Run: 7fk2m9q4ab
    """)


def test_the_users_own_words_come_first_and_forge_no_trailer() -> None:
    record = replace(RECORD, message="Try more\n\nSigned-off-by: nobody\n", params=BEFORE.params)

    text = branch_message(record, BEFORE, POLICY)

    assert text.startswith("Try more\n\n Signed-off-by: nobody\n\nRun brave-otter-7f: accuracy")
    assert text.rstrip().rpartition("\n\n")[2] == "Gitexp-From-Run: 7fk2m9q4ab"
