"""What belongs to the outs that pipelines name."""

from __future__ import annotations

from gitexp.data.pipelines import Pipeline
from gitexp.model.paths import TopPath


def test_a_path_in_a_folder_belongs_to_the_out_around_it() -> None:
    pipeline = Pipeline(
        outs=frozenset(map(TopPath, ("data", "m.json"))), cached=frozenset({TopPath("data")})
    )

    assert pipeline.out_of("data/a/b.csv") == "data"
    assert pipeline.out_of("m.json") == "m.json"
    assert pipeline.out_of("database") is None
    assert pipeline.cached_out_of("m.json") is None
