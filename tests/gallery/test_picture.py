"""Charts in notebooks and scripts."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import gitexp
from gitexp.comparison.query.expression import Column
from gitexp.errors import GitexpError
from gitexp.gallery.values import Valued

pytestmark = pytest.mark.usefixtures("drawn")


def test_a_run_draws_its_curves(tmp_path: Path) -> None:
    picture = gitexp.get("fast").plot("loss")
    picture.save(tmp_path / "loss.vl.json")

    assert repr(picture).startswith("val/loss\n")
    assert "<section>\n<h4>val/loss</h4>\n<figure>\n" in picture._repr_html_()
    assert json.loads((tmp_path / "loss.vl.json").read_text())["title"] == {"text": "val/loss"}


def test_runs_are_drawn_over_one_another_or_against_a_param() -> None:
    curves = gitexp.runs("rate = 0.5").plot("loss", group=True)
    trend = gitexp.runs().plot("size", kind="trend")

    assert "(n = 2)" in repr(curves)
    assert "size against rate" in repr(gitexp.runs().plot("size", x="rate"))
    assert "slow to fast-again" in repr(trend)


def test_what_cannot_be_drawn_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GitexpError, match="no run, rev or metric with a curve 'nope'"):
        gitexp.get("fast").plot("nope")
    with pytest.raises(GitexpError, match="there are no runs to draw"):
        gitexp.runs("rate > 9").plot()
    with pytest.raises(GitexpError, match=r"nothing is drawn as '\.bmp'"):
        gitexp.get("fast").plot().save(tmp_path / "a.bmp")


def test_an_int_beyond_all_floats_is_infinite_on_an_axis() -> None:
    run = Valued("a", {"params": {"seed": 2**128, "huge": 10**400, "word": "x", "list": [1]}})
    names = ("seed", "huge", "word", "list", "none")

    found = [run.value(Column("params", name)) for name in names]

    assert found == [2**128, math.inf, "x", None, None]
