"""A repository as its worst author would make it, on a bare hub that a victim clones.

Whatever in it could name a command names one that leaves a canary; whatever could name a place
names one outside; whatever is printed holds what a terminal, a page or a spreadsheet acts upon.
Nothing in it makes other software crash or hang.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from gitexp.model.message import message_text
from gitexp.model.policy import Policy
from gitexp.model.record import DataPointer, Exit, Inputs, RunRecord
from gitexp.model.record_json import to_json

ROOT = "324234e86284aa78d581950651210c8d127554b6"
EVIL = "\x1b]0;owned\x07\x1b[31mred\u202ednib"
"""A title for the terminal, a colour, and letters turned around."""
NAMES = (
    EVIL,
    "--output=canary",
    "../../canary",
    "=HYPERLINK(1)",
    "<script>canary()</script>",
    "@everyone",
    "`canary`",
    'x"; drop table runs; --',
    "$(touch canary)",
    "line\nend",
    "a|b",
)
"""Names of params, metrics and files."""
TAGS = ("--output=canary", "digits@v1.0.0", "digits#prod#1", "-x@v1.0.0", "e\u202evil@v1.0.0")
SHADOWS = ("msgspec", "yaml", "click", "json", "gitexp", "dvc", "git", "sitecustomize", "requests")
"""Modules that gitexp imports, or that Python imports unasked, as the repository has them."""
SECRET = "c0ffee-of-the-victim"
"""What stands in the files outside that links lead to."""


class Places(NamedTuple):
    """Where all of it is."""

    hub: Path
    outside: Path
    """Where nothing may be written, and whose secrets may not be read."""
    canary: Path
    """A file that nothing may make."""


def build(base: Path) -> Places:
    """Make the hub, and what lies outside of the clone; in one process of git."""
    places = Places(base / "hub.git", base / "outside", base / "canary")
    places.outside.mkdir()
    for name in ("secret.yaml", "secret.json", ".gitattributes"):
        (places.outside / name).write_text(f'"token": "{SECRET}"\n')
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", places.hub], check=True)
    stream = b"".join(_stream(places))
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force"], cwd=places.hub, input=stream, check=True
    )
    return places


def _stream(places: Places) -> list[bytes]:
    files = project_files(places)
    own = {".gitexp": f"->{places.outside}".encode()}  # which a run has a folder for
    parts = [_commit("refs/heads/main", {**files, **own}, "start", mark=1)]
    parts.append(
        _commit("refs/heads/change", {"params.yaml": b"rate: 0.2\n"}, "change", above=":1")
    )
    parts.append(b"reset refs/heads/-x\nfrom :1\n\n")
    parts.append(b"reset refs/heads/--upload-pack=canary\nfrom :1\n\n")
    parts.append(_root())
    for number, (message, record, more) in enumerate(runs(places)):
        mark = 100 + number
        tree = {**files, ".gitexp/run.json": record, **more}
        parts.append(_commit("refs/heads/experiments", tree, message, mark=mark, fresh=True))
    tagger = "tagger M <m@x> 1767323045 +0000"
    tags = (f"tag {tag}\nfrom :100\n{tagger}\n{_words()}" for tag in TAGS)
    return [*parts, *map(str.encode, tags), _notes()]


def project_files(places: Places) -> dict[str, bytes]:
    """Return the files of the project; those whose content begins with `->` are links."""
    touch = f"touch {places.canary}"
    out = str(places.outside)
    shadow = f"open({str(places.canary)!r}, 'a').write(__name__)\n".encode()
    named = {name: number / 10 for number, name in enumerate(NAMES)}
    files = {
        "gitexp.yaml": _json(
            {
                "command": touch,
                "evaluate": touch,
                "policy": {name: {"goal": "max"} for name in NAMES},
                "params": [
                    "params.yaml",
                    "leak.yaml",
                    f"{out}/secret.yaml",
                    "../outside/secret.yaml",
                ],
                "metrics": ["metrics.json", "leak.json", "../outside/secret.json"],
                "not_inputs": ["../outside", "*.md"],
                "shared": [],
                "outputs": ["../outside/**"],
                "plots": ["../outside/secret.json", "leak.json"],
                "held_out": ["held"],
                "capture": ["mlflow", "wandb", "tensorboard"],
            }
        ),
        "params.yaml": _json({"rate": 0.1, "seed": 1, "text": EVIL, **named}),
        "metrics.json": _json({"accuracy": 0.9, **named}),
        "dvc.yaml": _json(
            {
                "stages": {"train": {"cmd": touch, "outs": ["out.txt", "../outside/made"]}},
                "plots": [{"metrics.json": {"template": "../../outside/secret"}}],
            }
        ),
        ".dvc/config": (
            f"[core]\n    remote = evil\n    site_cache_dir = {out}/site\n"
            f"['remote \"evil\"']\n    url = {out}/remote\n"
            f"['remote \"ssh\"']\n    url = ssh://-oProxyCommand=x/x\n"
        ).encode(),
        ".dvc/.gitignore": b"/config.local\n",
        ".dvc/plots/linear.json": b'{"$schema": "http://127.0.0.1:9/x"}',
        "leak.yaml": f"->{out}/secret.yaml".encode(),
        "leak.json": f"->{out}/secret.json".encode(),
        ".gitattributes": b"* filter=evil diff=evil merge=evil\n",
        ".github": f"->{out}".encode(),
        ".gitlab": f"->{out}".encode(),
        ".gitlab-ci.yml": f"->{out}/gitlab-ci.yml".encode(),
        ".gitmodules": b'[submodule "s"]\n\tpath = s\n\turl = ext::touch canary\n',
        "abs.dvc": _pointer(f"{out}/placed"),
        "up.dvc": _pointer("../outside/placed"),
        "git.dvc": _pointer(".git/hooks/pre-commit"),
        "linked": f"->{out}".encode(),
        "via.dvc": _pointer("linked/placed"),
        "import.dvc": _json(
            {
                "frozen": True,
                "deps": [{"path": "x", "repo": {"url": "ext::touch canary", "rev_lock": "0" * 40}}],
                "outs": [{"md5": "0" * 32, "size": 1, "hash": "md5", "path": "imported"}],
            }
        ),
        "artifacts.yaml": _json({"digits": {"path": "../outside/secret.json", "type": "model"}}),
        "train.py": b"print('trained')\n",
        "conftest.py": shadow,
        "held.dvc": _pointer("held"),
        "--output=canary": b"x\n",
        f"{EVIL}.txt": b"x\n",
        "line\nend.txt": b"x\n",
    }
    return {**files, **{f"{name}.py": shadow for name in SHADOWS}}


def runs(places: Places) -> list[tuple[str, bytes, dict[str, bytes]]]:
    """Return the message, the record and more files of each run, honest and forged."""
    touch = f"touch {places.canary}"
    named: dict[str, Any] = {name: number / 10 for number, name in enumerate(NAMES)}
    base = RunRecord(
        id="0000000001",
        name="brave-otter-01",
        status="done",
        exit=Exit(0),
        command=(touch,),
        baseline="b" * 40,
        inputs=Inputs("c" * 40, excluded=("../outside",)),
        started="2026-01-02T03:04:05.000Z",
        ended="2026-01-02T03:04:06.000Z",
        gitexp="0.1.0",
        message=EVIL,
        host=EVIL,
        user=EVIL,
        python="../../../bin/evil",
        environment=str(places.outside / "python"),
        outputs=("../outside/made", "model.pt", EVIL),
        params={"params.yaml": {"rate": 0.1, "text": EVIL, **named}},
        metrics={"metrics.json": {"accuracy": 0.9, **named}},
        pointers=(
            DataPointer("../outside/placed", "0" * 32, 1, role="output"),
            DataPointer("model.pt", "1" * 32, 1, role="output"),
            DataPointer(".git/hooks/pre-commit", "2" * 32, 1, role="output"),
        ),
        figures={EVIL: "../../outside/secret.json"},
        series={EVIL: {"count": 1, "last": 1.0, "step": 1}},
        tags=(EVIL,),
        notes=(EVIL,),
        left_out=(EVIL,),
    )
    honest = _run(base, tags=())
    model = _pointer("model.pt")
    log = f"{EVIL}\n".encode()
    more = {
        "model.pt.dvc": model,
        ".gitexp/output.log": log,
        ".gitexp/environment.txt": b"evil @ file:///tmp/x\n--index-url=http://127.0.0.1:9\n../x\n",
        ".gitexp/figures/x.svg": b"<svg onload='canary()'/>",
    }
    found = [(*honest, more)]
    second = {"id": "0000000002", "name": "calm-crow-02"}
    found.append((*_run(base, **second), more))
    # forged: names and trailers that are none, ids of others, formats to come
    message, record = _run(base, id="0000000003", name=EVIL)
    found.append((message, record, more))
    message, record = _run(base, id="0000000004", name="--output=canary")
    found.append((message, record, more))
    message, record = _run(base, id="0000000005", name="$(touch canary)")
    found.append((message, record, more))
    message, record = _run(base, id="0000000001", name="second-of-its-id")
    found.append((message, record, more))
    message, record = _run(base, id="0000000006", name="of-another")
    found.append((message.replace("0000000006", "0000000007"), record, more))
    found.append((message.replace("0000000006", "../../../canary"), record, more))
    for at, edit in enumerate(_EDITS):
        run_id = f"00000001{at:02}"
        message, record = _run(base, id=run_id, name=f"forged-{at}")
        found.append((message, edit(record), more))
    return found


def _edit(**values: Any) -> Any:
    return lambda content: _json({**json.loads(content), **values})


_EDITS = (
    _edit(version=2),
    _edit(pointers=[{"path": "x", "md5": "../../../canary", "role": "output"}]),
    _edit(params={"../../outside/secret.yaml": {"rate": 1}}),
    _edit(project="../outside"),
    _edit(directory="../outside"),
    _edit(started="9999-12-31T23:59:59.999Z", ended="0001-01-01T00:00:00.000Z"),
    _edit(status="done\x1b[31m"),
    _edit(exit={"code": 10**400}),
    _edit(metrics={"metrics.json": {"accuracy": 10**400}}),
    _edit(command=["touch", "canary", "\x00"]),
    _edit(baseline="--output=canary"),
    _edit(sweep="../../canary", point={"number": -1, "repeat": 0, "attempt": 0, "values": {}}),
    _edit(read={"../outside/secret.yaml": "--output=canary"}),
    _edit(name=["x"]),
    _edit(series={"loss": {"count": "x"}}),
    _edit(job={"scheduler": "\x1b[31m", "id": "--x", "attempt": 1}),
    _edit(hypothesis={"expect": "accuracy >", "verdict": EVIL, "against": {}}),
    lambda _content: b'{"version": 1, "id": ' + b"[" * 20_000,
    lambda content: content + b"x",
)


def _run(base: RunRecord, **values: Any) -> tuple[str, bytes]:
    record = replace(base, **values)
    return message_text(record, Policy(), {}), to_json(record)


def _notes() -> bytes:
    run = "0000000001"
    events: list[dict[str, object]] = [
        {"op": "tag", "value": EVIL},
        {"op": "tag", "value": "--delete"},
        {"op": "note", "value": f"{EVIL}\nsecond line"},
        {"op": "rename", "value": "../../canary"},
        {"op": "evaluate", "value": {"held_out": EVIL}},
        {"op": "verify", "value": {"answer": EVIL}},
        {"op": EVIL, "value": EVIL},
    ]
    lines: list[dict[str, object]] = [
        {
            "time": f"2026-01-03T00:00:{at:02}.000Z",
            "id": f"{at:016x}",
            "run": run,
            "by": EVIL,
            **one,
        }
        for at, one in enumerate(events)
    ]
    text = "\n".join(json.dumps(one) for one in lines).encode()
    text += b'\n{"time": ' + b"[" * 5000 + b"\n" + b"\xff\xfe\n"
    head = _head("refs/notes/gitexp", "notes")
    return head + b"N inline :100\n" + _data(text)


def _words() -> str:
    return _data(f"{EVIL}\n".encode()).decode()


def _commit(
    ref: str,
    files: Mapping[str, bytes],
    message: str,
    *,
    mark: int = 0,
    above: str = "",
    fresh: bool = False,
) -> bytes:
    parts = [_head(ref, message, mark=mark, above=above)]
    parts += [b"deleteall\n"] if fresh else []
    for path, content in files.items():
        link = content.startswith(b"->")
        mode = b"120000" if link else b"100644"
        quoted = (
            json.dumps(path, ensure_ascii=False)
            .replace("\\u001b", "\\033")
            .replace("\\u0007", "\\007")
        )
        parts += [
            b"M %s inline %s\n" % (mode, quoted.encode()),
            _data(content.removeprefix(b"->") if link else content),
        ]
    return b"".join((*parts, b"\n"))


def _root() -> bytes:
    return (
        b"commit refs/heads/experiments\nauthor gitexp <gitexp@localhost> 0 +0000\n"
        b"committer gitexp <gitexp@localhost> 0 +0000\n"
        + _data(b"The runs recorded by gitexp begin here\n")
        + b"\n"
    )


def _head(ref: str, message: str, *, mark: int = 0, above: str = "") -> bytes:
    who = b"M\xe2\x80\xaeallory <m@x> 1767323045 +0000\n"
    lines = [f"commit {ref}\n".encode(), f"mark :{mark}\n".encode() if mark else b""]
    lines += [b"author " + who, b"committer " + who, _data(os.fsencode(message))]
    return b"".join((*lines, f"from {above}\n".encode() if above else b""))


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode()


def _pointer(path: str) -> bytes:
    return _json({"outs": [{"md5": "1" * 32, "size": 1, "hash": "md5", "path": path}]})
