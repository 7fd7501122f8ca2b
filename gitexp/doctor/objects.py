"""Whether every object of DVC's cache is what its name says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitexp.data.dvc_project import open_project
from gitexp.doctor.finding import Finding
from gitexp.doctor.roots import dvc_roots
from gitexp.errors import GitexpError
from gitexp.project import Project

_NAME = re.compile(r"[0-9a-f]{32}(?:\.dir)?")
_HINT = (
    "`gitexp pull --data RUN` moves it away and fetches the right one, if the remote has it; "
    "so do `gitexp get` and `gitexp apply`."
)


def examine_objects(project: Project) -> Iterator[Finding]:
    """Read every object, whatever is known of it: a disk may have changed it unseen."""
    caches = dict.fromkeys(open_project(root).cache for root in dvc_roots(project))
    if not caches:
        return
    from gitexp.data.objects import hash_file  # noqa: PLC0415 - 10 ms, with `--deep` alone

    count, bad = 0, 0
    for path in sorted(path for cache in caches for path in cache.glob("[0-9a-f][0-9a-f]/*")):
        md5 = f"{path.parent.name}{path.name}"
        if not _NAME.fullmatch(md5):
            continue
        count += 1
        try:
            found = hash_file(path)
        except GitexpError as error:
            bad += 1
            yield Finding("wrong", "cache", str(error), error.hint)
            continue
        if found != md5.removesuffix(".dir"):
            bad += 1
            text = f"object {md5} is damaged: its content has the md5 {found}"
            yield Finding("wrong", "cache", text, _HINT)
    if not bad:
        yield Finding("ok", "cache", f"all {count} objects are what their names say")
