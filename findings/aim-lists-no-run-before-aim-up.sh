#!/usr/bin/env bash
# Aim's SDK lists no run of a store until `aim up` has been there, and shows a closed one empty.
#
# One expects `Repo.iter_runs()` to yield a run that was closed, with its params and metrics. They
# are read from an index in `.aim/meta/index`, which `Repo` makes empty, and which only `aim up`
# (and `aim storage reindex`) fills: so a script that trains and then compares its runs sees none,
# and one that asks for a run by its hash gets it without params or metrics, without any error.
#
# Seen with aim 3.29.1 (Python 3.11, Linux):
#
#   runs from iter_runs: 0; the run by its hash: params None, metrics 0
#   after 'aim storage reindex':
#   runs from iter_runs: 1; the run by its hash: params {'lr': 0.1}, metrics 1
#
# Exits 0 while that is so, and 1 if it is otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q aim==3.29.1
cd "$work"
mkdir store
cat > train.py <<'P'
from aim import Repo, Run

Repo.from_path("store", init=True)
run = Run(repo="store", system_tracking_interval=None, capture_terminal_logs=False)
run["hparams"] = {"lr": 0.1}
run.track(0.5, name="loss", step=0)
run.close()
P
cat > look.py <<'P'
import sys

from aim import Repo, Run

repo = Repo.from_path("store")
[known] = repo.list_all_runs()
listed = len(list(repo.iter_runs()))
run = Run(known, repo=repo, read_only=True)
params, metrics = run.get("hparams"), len(list(run.metrics()))
print(f"runs from iter_runs: {listed}; the run by its hash: params {params}, metrics {metrics}")
wanted = (1, {"lr": 0.1}, 1) if "indexed" in sys.argv else (0, None, 0)
sys.exit(0 if (listed, params, metrics) == wanted else 1)
P
env/bin/python train.py
env/bin/python look.py
env/bin/aim storage --repo store reindex --yes > reindex.log 2>&1
echo "after 'aim storage reindex':"
env/bin/python look.py indexed
