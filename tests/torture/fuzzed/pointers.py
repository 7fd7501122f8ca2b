"""Pointer files as DVC writes them: `.dvc` files of data and of imports, and `dvc.lock`."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import yaml

_PATHS = ("m.pt", "data", "a b.csv", "é.bin", "1", "true", "dir/x")
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_OF_TEXT = ("desc", "remote", "type")


def pointers(lot: Random) -> tuple[str, dict[str, Any]]:
    """Return the name of a pointer file, and what it says."""
    if lot.random() < 0.5:
        stages = {
            name: _stage(lot) for name in lot.sample(("train", "test", "a@1"), lot.randrange(4))
        }
        return "dvc.lock", {"schema": "2.0", "stages": stages}
    document: dict[str, Any] = {"outs": _listed(lot)}
    if lot.random() < 0.15:
        document["deps"] = [{"path": "x", "repo": {"url": "u", "rev_lock": _hash(lot)}}]
    if lot.random() < 0.3:
        document["desc"] = lot.choice(("data", "1", "a: b"))
    if lot.random() < 0.2:
        document["meta"] = {"by": lot.choice((1, "x", None))}
    return "m.pt.dvc", document


def changed_pointers(document: dict[str, Any], lot: Random) -> dict[str, Any]:
    """Return a document with some of its data changed, added or gone."""
    new = copy.deepcopy(document)
    for _ in range(lot.randrange(3)):
        if "stages" in new:
            _change_stages(new["stages"], lot)
        elif lot.random() < 0.2:
            new["desc"] = lot.choice(("other", "#", ""))
        else:
            _change_listed(new["outs"], lot)
    return new


def pointer_bytes(document: dict[str, Any], lot: Random) -> bytes:
    """Return the file, now and then with a comment on its first line."""
    text = yaml.dump(document, Dumper=_DUMPER, sort_keys=False, allow_unicode=True)
    return f"{'# ours' + chr(10) if lot.random() < 0.1 else ''}{text}".encode()


def _hash(lot: Random) -> str:
    return lot.choice(("1", "0e1", "ab", "deadbeef")).ljust(32, lot.choice("0a"))


def _entry(lot: Random, path: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"md5": _hash(lot), "size": lot.randrange(3), "hash": "md5"}
    if lot.random() < 0.2:
        entry["md5"] += ".dir"
        entry["nfiles"] = lot.randrange(3)
    for key in _OF_TEXT:
        if lot.random() < 0.1:
            entry[key] = lot.choice(("x", "y"))
    return {**entry, "path": path}


def _listed(lot: Random) -> list[dict[str, Any]]:
    return [_entry(lot, path) for path in lot.sample(_PATHS, lot.choice((1, 1, 2, 3)))]


def _stage(lot: Random) -> dict[str, Any]:
    stage: dict[str, Any] = {"cmd": lot.choice(("python train.py", ["a", "b"], "x: y"))}
    if lot.random() < 0.7:
        stage["deps"] = _listed(lot)
    if lot.random() < 0.5:
        stage["params"] = {"params.yaml": {"lr": lot.choice((0.1, 1, "x")), "a.b": [1]}}
    return {**stage, "outs": _listed(lot)}


def _change_stages(stages: dict[str, Any], lot: Random) -> None:
    name = lot.choice((*stages, "new"))
    if name not in stages or lot.random() < 0.6:
        stages[name] = _stage(lot)
    elif lot.random() < 0.5:
        del stages[name]
    else:
        _change_listed(stages[name]["outs"], lot)


def _change_listed(listed: list[dict[str, Any]], lot: Random) -> None:
    index, chance = lot.randrange(len(listed)), lot.random()
    if chance < 0.5:
        listed[index] = _entry(lot, listed[index]["path"])
    elif chance < 0.7:
        new = lot.choice(_PATHS)
        if all(one["path"] != new for one in listed):
            listed.append(_entry(lot, new))
    elif chance < 0.8 and len(listed) > 1:
        del listed[index]
    else:
        listed[index][lot.choice(_OF_TEXT)] = lot.choice(("x", "z"))
