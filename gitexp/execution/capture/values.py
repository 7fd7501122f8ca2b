"""What was logged with trackers while a command ran."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from gitexp.model.record import Documents


class Captured(Struct, frozen=True):
    """What was found, by tracker."""

    params: Documents = {}
    metrics: Documents = {}
    trackers: Mapping[str, Mapping[str, object]] = {}
    """The runs as the trackers have them, with their tags and models."""


NOTHING = Captured()
