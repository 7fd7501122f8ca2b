"""GTO's grammar of tags: what a tag says of a model, read and written without importing GTO.

GTO takes 450 ms to import, so it is only asked where something is written; the tests hold every
name here against GTO's own parser.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from msgspec import Struct

Action = Literal["register", "deregister", "assign", "unassign", "deprecate"]

_DIRECTORY = r"[a-zA-Z0-9-_./]+"
_NAME = r"[a-zA-Z0-9](?:[a-zA-Z0-9-/_]*[a-zA-Z0-9])?"
_NUMBER = r"(?:0|[1-9]\d*)"
_PART = r"(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
_SEMVER = (
    rf"(?P<major>{_NUMBER})\.(?P<minor>{_NUMBER})\.(?P<patch>{_NUMBER})"
    rf"(?:-(?P<before>{_PART}(?:\.{_PART})*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?"
)
_VERSION = re.compile(rf"v{_SEMVER}", re.ASCII)
_MODEL = rf"(?:{_DIRECTORY}:)?{_NAME}"
_TAG = re.compile(
    rf"(?P<model>(?:{_DIRECTORY}=)?{_NAME})"
    rf"(?:(?:\#(?P<stage>{_NAME})|@(?P<version>v{_SEMVER}))(?P<cancel>!?)|@(?P<deprecated>deprecated))"
    r"(?:\#(?P<counter>[0-9]+))?",
    re.ASCII,
)
_ASKED = re.compile(
    rf"(?P<model>{_MODEL})(?:@(?P<version>v?{_SEMVER}|latest|greatest)|\#(?P<stage>{_NAME}))?",
    re.ASCII,
)


class TagName(Struct, frozen=True):
    """What the name of a tag says."""

    action: Action
    model: str
    """With the folder of its project in front, if that is not the top: `vision:digits`."""
    version: str = ""
    """With its `v`; empty for a stage."""
    stage: str = ""
    counter: int = 0
    """Makes the name of a tag that may be given again unique; 0 if it has none."""

    def __str__(self) -> str:
        """Return the tag's name, as git has it below `refs/tags/`."""
        model = self.model.replace(":", "=")
        number = f"#{self.counter}" if self.counter else ""
        if self.action == "deprecate":
            return f"{model}@deprecated{number}"
        cancel = "!" if self.action in ("deregister", "unassign") else ""
        what = f"#{self.stage}" if self.stage else f"@{self.version}"
        return f"{model}{what}{cancel}{number}"


def parse_tag(name: str) -> TagName | None:
    """Return what the name of a tag says; None if it is not one of GTO's.

    >>> parse_tag("vision=digits#prod!#3")
    TagName(action='unassign', model='vision:digits', version='', stage='prod', counter=3)
    >>> str(parse_tag("digits@v1.2.0")), parse_tag("v1.2.0")
    ('digits@v1.2.0', None)
    """
    found = _TAG.fullmatch(name)
    if found is None:
        return None
    return TagName(
        _action(found),
        found["model"].replace("=", ":"),
        found["version"] or "",
        found["stage"] or "",
        int(found["counter"] or 0),
    )


def _action(found: re.Match[str]) -> Action:
    if found["deprecated"]:
        return "deprecate"
    if found["version"]:
        return "deregister" if found["cancel"] else "register"
    return "unassign" if found["cancel"] else "assign"


class Asked(Struct, frozen=True):
    """A version as a person names it: `digits`, `digits@1.2.0`, `digits#prod`."""

    model: str
    version: str = ""
    """With its `v`; empty for the latest one, if there is no stage either."""
    stage: str = ""


def parse_asked(text: str) -> Asked | None:
    """Return which version a text names; None if it cannot name one.

    >>> parse_asked("digits@1.2.0")
    Asked(model='digits', version='v1.2.0', stage='')
    >>> parse_asked("digits#prod"), parse_asked("digits@latest") == parse_asked("digits")
    (Asked(model='digits', version='', stage='prod'), True)
    """
    found = _ASKED.fullmatch(text)
    if found is None:
        return None
    version = found["version"] or ""
    if version in ("latest", "greatest"):
        version = ""
    return Asked(found["model"], with_v(version) if version else "", found["stage"] or "")


def with_v(version: str) -> str:
    """Return a version as tags spell it.

    >>> with_v("1.2.0"), with_v("v1.2.0")
    ('v1.2.0', 'v1.2.0')
    """
    return version if version.startswith("v") else f"v{version}"


Precedence: TypeAlias = tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]


def precedence(version: str) -> Precedence | None:
    """Return what sorts versions as Semantic Versioning does; None if it is not a version.

    >>> sorted(["v1.0.0", "v1.0.0-rc.2", "v0.10.0", "v1.0.0-rc.10", "v0.9.0"], key=precedence)
    ['v0.9.0', 'v0.10.0', 'v1.0.0-rc.2', 'v1.0.0-rc.10', 'v1.0.0']
    """
    found = _VERSION.fullmatch(version)
    if found is None:
        return None
    numbers = int(found["major"]), int(found["minor"]), int(found["patch"])
    before = found["before"]
    parts = tuple(
        (False, int(part), "") if part.isdigit() else (True, 0, part)
        for part in (before.split(".") if before else ())
    )
    return numbers, before is None, parts


Bump = Literal["major", "minor", "patch"]


def bumped(version: str, how: Bump) -> str:
    """Return the version after another, as GTO counts.

    >>> bumped("v1.2.3", "minor"), bumped("v1.2.3", "patch"), bumped("v1.2.3-rc.1", "patch")
    ('v1.3.0', 'v1.2.4', 'v1.2.4')
    """
    known = precedence(version)
    assert known is not None  # it comes from a tag
    major, minor, patch = known[0]
    if how == "major":
        return f"v{major + 1}.0.0"
    if how == "minor":
        return f"v{major}.{minor + 1}.0"
    return f"v{major}.{minor}.{patch + 1}"


NONE_YET = "v0.0.0"
"""What the first version is counted on from: a patch after it is what GTO calls the first one."""
