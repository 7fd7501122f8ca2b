#!/usr/bin/env bash
# Reading one ARFF file with SciPy lifts the limit of Python's `csv` module for the whole process.
#
# One expects a function that reads a file to leave alone how other code reads others.
# `csv.field_size_limit` is 131,072 characters and refuses a longer cell, which programs rely on to
# tell a table from what is none. After one call of `scipy.io.arff.loadarff`, and without a word,
# every reader of `csv` in the process takes a cell of any length.
# A check that rests on that limit then passes or fails by what was imported and read before it.
#
# Seen with scipy 1.17.1 and numpy 2.4.6 (Python 3.11, Linux):
#
#   before: limit 131072, a cell of 200000 characters: refused
#   after:  limit 9223372036854775807, a cell of 200000 characters: taken
#
# Exits 0 while that is so, and 1 if it is otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q scipy==1.17.1 numpy==2.4.6
cd "$work"
printf '@relation r\n@attribute a numeric\n@data\n1\n' > one.arff
cat > look.py <<'P'
import csv

from scipy.io import arff


def taken():
    try:
        return next(csv.reader(["x" * 200_000])) and "taken"
    except csv.Error:
        return "refused"


def line(when):
    return f"{when} limit {csv.field_size_limit()}, a cell of 200000 characters: {taken()}"


print(line("before:"))
arff.loadarff("one.arff")
print(line("after: "))
P
env/bin/python look.py | tee seen
[ "$(sed -n 1p seen)" = "before: limit 131072, a cell of 200000 characters: refused" ] &&
  sed -n 2p seen | grep -q '^after:  limit [0-9]\{10,\}, a cell of 200000 characters: taken$'
