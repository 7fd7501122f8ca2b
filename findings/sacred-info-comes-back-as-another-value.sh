#!/usr/bin/env bash
# A list that stands twice in `_run.info` comes back from Sacred's `info.json` as another list.
#
# One expects that `sacred.serializer.restore` gives what `sacred.serializer.flatten` was given.
# jsonpickle writes the second place of a list as a number (`{"py/id": 1}`), which counts in the
# order in which it met the objects; `FileStorageObserver` then sorts the names in the file, so
# that the number leads to another object. Nothing fails, and the value is wrong. The same happens
# to what the main function returns (`result` in `run.json`).
#
# Seen with sacred 0.8.7 and jsonpickle 4.1.4 (Python 3.11, Linux):
#
#   info of the run: {"z_best": [1, 2], "history": [9, 9], "last": [1, 2]}
#   info.json:       {"history": [9, 9], "last": {"py/id": 1}, "z_best": [1, 2]}
#   restored:        {"history": [9, 9], "last": [9, 9], "z_best": [1, 2]}
#
# Exits 0 while that is so, and 1 if it is otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q sacred==0.8.7 jsonpickle==4.1.4
cd "$work"
cat > train.py <<'P'
import json
import sys

from sacred import Experiment
from sacred.observers import FileStorageObserver
from sacred.serializer import restore

ex = Experiment("digits", save_git_info=False)
ex.observers.append(FileStorageObserver("runs"))


@ex.main
def main(_run):
    best = [1, 2]
    _run.info["z_best"] = best
    _run.info["history"] = [9, 9]
    _run.info["last"] = best


info = ex.run().info
with open("runs/1/info.json") as file:
    written = json.load(file)
restored = restore(written)
print("info of the run:", json.dumps(info))
print("info.json:      ", json.dumps(written))
print("restored:       ", json.dumps(restored))
sys.exit(0 if info["last"] == [1, 2] and restored["last"] == [9, 9] else 1)
P
env/bin/python train.py 2> /dev/null
