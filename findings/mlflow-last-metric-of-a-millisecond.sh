#!/usr/bin/env bash
# Of two values that are logged in one millisecond, MLflow takes the greater one for the last.
#
# One expects a run's metric to be what was logged last.
# The database orders by step, then by milliseconds, then by the value itself. A loop that logs
# without `step` (all are 0 then) or logs a corrected value at once ends with the greatest loss of
# its last millisecond, not with its last one. The history cannot settle it: it comes back in the
# same order, and a value that was logged twice in that millisecond is there once.
#
# Seen with mlflow 3.17.2 (Python 3.11, Linux), with a store in SQLite:
#
#   logged 0.9, then 0.5: the run says 0.9, its history [0.5, 0.9]
#   logged 0.5 three times: history [0.5]
#   logged 0.5, then nan: the run says 0.5
#
# Exits 0 while that is so, and 1 if it is otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q mlflow==3.17.2
cd "$work"
cat > script.py <<'P'
import math

from mlflow import MlflowClient

client = MlflowClient("sqlite:///runs.db")
run = client.create_run(client.create_experiment("order")).info.run_id


def log(name, *values):
    for value in values:
        client.log_metric(run, name, value, timestamp=1_700_000_000_000)
    history = [metric.value for metric in client.get_metric_history(run, name)]
    return client.get_run(run).data.metrics[name], history


last, history = log("loss", 0.9, 0.5)
print(f"logged 0.9, then 0.5: the run says {last}, its history {history}")
_, thrice = log("again", 0.5, 0.5, 0.5)
print(f"logged 0.5 three times: history {thrice}")
end, _ = log("broken", 0.5, math.nan)
print(f"logged 0.5, then nan: the run says {end}")
assert (last, history, thrice, end) == (0.9, [0.5, 0.9], [0.5], 0.5)
P
env/bin/python script.py 2> errors || { cat errors; exit 1; }
