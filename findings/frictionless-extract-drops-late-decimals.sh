#!/usr/bin/env bash
# `frictionless.extract` gives null for the decimals of a column whose first 100 values are whole.
#
# One expects the values of the file, or an error. The type of a column is inferred from a sample of 100 rows;
# that much is known (frictionlessdata/frictionless-py#1689). What does not fit it later is silently no value:
# `extract`, `Resource.read_rows`, `to_pandas` and the command `frictionless extract` (exit 0) leave the cells
# empty, and only `validate` tells of them. So a metric that is 0 or 1 at first, an accuracy say, loses
# everything that it was afterwards.
#
# Seen with frictionless 5.21.0 (Python 3.11, Linux), for a column of 120 ones, then 0.5 and 0.25:
#
#   extract:              last values [1, 1, None, None]
#   frictionless extract: exit 0, last rows 119,1 120, 121,; on stderr: nothing
#   validate:             valid False, ['type-error', 'type-error']
#
# Exits 0 while that is so, and 1 if it is otherwise.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q frictionless==5.21.0
cd "$work"
{
  echo step,accuracy
  for step in $(seq 0 119); do echo "$step,1"; done
  printf '120,0.5\n121,0.25\n'
} > metrics.csv
cat > look.py <<'P'
import sys

from frictionless import extract, validate

values = [row["accuracy"] for row in extract("metrics.csv")["metrics"]]
print(f"extract:              last values {values[-4:]}")
report = validate("metrics.csv")
errors = [error.type for error in report.tasks[0].errors]
print(f"validate:             valid {report.valid}, {errors}")
sys.exit(0 if len(values) == 122 and values[-4:] == [1, 1, None, None] and errors == ["type-error"] * 2 else 1)
P
env/bin/python look.py > looked || { cat looked; exit 1; }
status=0
env/bin/frictionless extract --csv metrics.csv > rows 2> errors || status=$?
last=$(tail -n 3 rows | tr -d '\r' | paste -sd' ')
head -n 1 looked
echo "frictionless extract: exit $status, last rows $last; on stderr: $([ -s errors ] && cat errors || echo nothing)"
tail -n 1 looked
[ $status = 0 ] && [ "$last" = "119,1 120, 121," ] && ! [ -s errors ]
