"""Specifications on their way to a picture."""

from __future__ import annotations

from gitexp.plots.drawn import _stacked, _without_loading


def test_pictures_below_one_another_keep_their_own_parts() -> None:
    picture = '<svg class="marks" width="30" height="20"><g id="clip0"/><g a="url(#clip0)"/></svg>'

    stacked = _stacked([picture, picture])

    assert 'width="30" height="64"' in stacked
    assert '<svg y="44" class="marks"' in stacked
    assert stacked.count("p0-clip0") == stacked.count("p1-clip0") == 2


def test_nothing_in_a_specification_is_loaded() -> None:
    spec = {
        "data": {"url": "https://example.com/a.csv"},
        "layer": [{"mark": {"type": "image", "url": "a"}, "encoding": {"href": {"field": "b"}}}],
        "datasets": {"values": [{"url": "kept: a row, not a place"}]},
    }

    assert _without_loading(spec) == {
        "data": {},
        "layer": [{"mark": {"type": "image"}, "encoding": {}}],
        "datasets": {"values": [{"url": "kept: a row, not a place"}]},
    }
