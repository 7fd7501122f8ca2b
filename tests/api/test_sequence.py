from __future__ import annotations

import csv
import io
import math
import sys
from collections.abc import Callable
from datetime import timezone

import pytest

import gitexp
from gitexp.cli.main import main

pytestmark = pytest.mark.usefixtures("work_tree")


def csv_columns(capfd: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["ls", "--csv"]) == 0
    return next(csv.reader(io.StringIO(capfd.readouterr().out)))


def test_pandas_has_the_columns_of_csv_with_types(capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pandas")

    frame = gitexp.runs().to_pandas()

    assert list(frame.columns) == csv_columns(capfd)
    assert list(frame["name"]) == ["broken", "fast", "middle", "slow"]
    assert frame["metrics.accuracy"].dtype == "float64"
    assert math.isnan(frame["metrics.accuracy"][0])
    assert frame["metrics.accuracy"].max() == 0.5
    assert frame["started"][0].tzinfo is not None
    assert (frame["started"] <= frame["ended"]).all()


def test_polars_has_the_columns_of_csv_with_types(capfd: pytest.CaptureFixture[str]) -> None:
    pl = pytest.importorskip("polars")

    frame = gitexp.runs().to_polars()

    assert frame.columns == csv_columns(capfd)
    assert frame["metrics.accuracy"].to_list() == [None, 0.25, 0.5, 0.1]
    assert frame.schema["metrics.accuracy"] == pl.Float64
    assert frame["started"][0].utcoffset() == timezone.utc.utcoffset(None)


def test_frames_of_no_run_are_empty() -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("polars")
    none = gitexp.runs("status = 'interrupted'")

    assert (len(none.to_pandas()), len(none.to_polars())) == (0, 0)


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_a_package_that_is_missing_is_named_with_the_way_to_get_it(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    convert: Callable[[], object] = getattr(gitexp.runs(), f"to_{package}")

    with pytest.raises(gitexp.GitexpError) as caught:
        convert()

    assert str(caught.value) == f"{package} is not installed"
    assert caught.value.hint == f"Install it with `pip install {package}`."


def test_a_notebook_shows_the_table_of_ls() -> None:
    lines = repr(gitexp.runs(sort_by="accuracy", sort_order="asc")).splitlines()

    assert lines[0].split() == "name status started duration accuracy loss rate command".split()
    assert [line.split()[0] for line in lines[1:]] == ["slow", "fast", "middle", "broken"]
