#!/usr/bin/env bash
# `load_dataset` returns the rows of an earlier file if the new one has the same path and modification time.
#
# One expects rows of the file that is there, or at least that another size tells it from the old one.
# The cache knows a local file by its path and its modification time alone. Archives that are meant to be
# reproducible give every file the same time (`tar --mtime`, SOURCE_DATE_EPOCH, layers of images, the Nix store):
# so whoever unpacks the second version of the data over the first one trains on the first, without a word.
#
# Seen with datasets 5.2.0 (Python 3.11, GNU tar 1.34, Linux):
#
#   version 1 unpacked: read [1, 2]
#   version 2 unpacked: in the file [10, 20, 30], read [1, 2]
#   touched:            read [10, 20, 30]
#
# Exits 0 while that is so, and 1 if it is otherwise.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work HF_HOME=$work/hf HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q datasets==5.2.0
cd "$work"
cat > look.py <<'P'
import sys

import datasets

datasets.disable_progress_bars()
print(datasets.load_dataset("csv", data_files="data/train.csv", split="train")["x"][:])
P
mkdir data
for version in 1 2; do
  if [ $version = 1 ]; then printf 'x\n1\n2\n'; else printf 'x\n10\n20\n30\n'; fi > data/train.csv
  tar --create --mtime='2026-01-01 00:00:00Z' --sort=name --file $version.tar data
done
rm -r data
tar --extract --file 1.tar
first=$(env/bin/python look.py)
rm -r data
tar --extract --file 2.tar
second=$(env/bin/python look.py)
there=$(tail -n +2 data/train.csv | paste -sd, | sed 's/,/, /g')
touch data/train.csv
third=$(env/bin/python look.py)
echo "version 1 unpacked: read $first"
echo "version 2 unpacked: in the file [$there], read $second"
echo "touched:            read $third"
[ "$first" = "[1, 2]" ] && [ "$there" = "10, 20, 30" ] && [ "$second" = "[1, 2]" ] && [ "$third" = "[10, 20, 30]" ]
