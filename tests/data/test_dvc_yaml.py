"""What a `dvc.yaml` says without DVC."""

from __future__ import annotations

import pytest

from gitexp.data.dvc_yaml import read_pipeline, read_tracked_params
from gitexp.data.pipelines import Pipeline
from gitexp.model.paths import TopPath

PIPELINE = b"""\
vars: [conf/vars.toml, "conf/more.json:a,b", {inline: 1}]
params: [top.yaml, settings.py, settings.ini]
metrics: [top.json]
plots:
  - curve.csv: {x: step}
  - "a title": {y: {one.csv: loss, two.csv: [loss, accuracy]}, x: {steps.csv: step}}
stages:
  prepare:
    cmd: prepare
    wdir: sub
    params: [rate, {own.yaml: [a]}]
    outs: [clean, raw: {persist: true}]
  each:
    foreach: [1, 2]
    do: {cmd: x, outs: ["${item}.bin", all.bin], metrics: [m.json: {cache: false}]}
"""


def _paths(*paths: str) -> frozenset[TopPath]:
    return frozenset(map(TopPath, paths))


def test_a_pipeline_names_its_files_as_seen_from_the_top() -> None:
    found = read_pipeline(PIPELINE, "p/dvc.yaml")

    assert found == Pipeline(
        params=tuple(
            map(
                TopPath,
                [
                    "p/top.yaml",
                    "p/settings.py",
                    "p/conf/vars.toml",
                    "p/conf/more.json",
                    "p/params.yaml",
                    "p/sub/params.yaml",
                    "p/sub/own.yaml",
                ],
            )
        ),
        unread_params=(TopPath("p/settings.ini"),),
        metrics=_paths("p/top.json", "p/m.json"),
        plots=_paths("p/curve.csv", "p/one.csv", "p/two.csv", "p/steps.csv"),
        outs=_paths("p/sub/clean", "p/sub/raw", "p/all.bin", "p/m.json"),
        cached=_paths("p/sub/clean", "p/sub/raw", "p/all.bin"),
        is_whole=False,
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"[1]", b"a: {", b"stages: [a]", b"stages: {a: b}", b"\xff", b"stages: {a: {do: 1}}"],
)
def test_a_file_that_is_no_pipeline_names_nothing(content: bytes) -> None:
    assert read_pipeline(content, "dvc.yaml") == Pipeline()


@pytest.mark.parametrize(
    ("content", "tracked"),
    [
        (b"", {}),
        (b"params: [a.yaml, sub/b.json]", {"p/a.yaml": (), "p/sub/b.json": ()}),
        (b"stages: {a: {params: [lr, net.width]}}", {"p/params.yaml": ("lr", "net.width")}),
        (
            b"stages: {a: {wdir: sub, params: [{c.toml: [x]}]}, b: {params: [{sub/c.toml: [y]}]}}",
            {"p/sub/c.toml": ("x", "y")},
        ),
        (b"stages: {a: {params: [{c.toml: [x]}, {c.toml: null}]}}", {"p/c.toml": ()}),
        (b"stages: {a: {foreach: [1], do: {params: [lr]}}}", {"p/params.yaml": ("lr",)}),
    ],
)
def test_tracked_params_are_those_of_the_stages_and_whole_files(
    content: bytes, tracked: dict[str, tuple[str, ...]]
) -> None:
    assert read_tracked_params(content, "p/dvc.yaml") == tracked


@pytest.mark.parametrize(
    "content",
    [
        b"vars: [v.yaml]",
        b"stages: {a: {params: ['${key}']}}",
        b"stages: {a: {params: ['net.*']}}",
        b"stages: {a: {vars: [{x: 1}]}}",
    ],
)
def test_params_that_only_dvc_can_tell_are_left_to_it(content: bytes) -> None:
    assert read_tracked_params(content, "dvc.yaml") is None
