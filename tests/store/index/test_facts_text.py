from __future__ import annotations

import pytest

from gitexp.model.facts import Facts
from gitexp.store.index.facts_text import facts_from, facts_text


def test_facts_are_read_as_they_were_written() -> None:
    facts = Facts(tags=("best",), notes=("a",))

    assert facts_from(facts_text(facts)) == facts


@pytest.mark.parametrize("text", ['{"tbgs": []}', "[]", '"x"', "{"])
def test_a_text_that_is_damaged_has_the_index_made_anew(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):  # what the index takes for damage
        facts_from(text)
