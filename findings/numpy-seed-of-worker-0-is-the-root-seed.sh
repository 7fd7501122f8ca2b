#!/usr/bin/env bash
# `numpy.random.default_rng([seed, 0])` is the stream of `default_rng(seed)`, number for number.
#
# One expects a seed and the number of a fold, a worker or a repeat in one list to give a stream of its own for
# each, and one that differs from that of the seed alone: NumPy's guide to parallel streams recommends such lists.
# Seeds are filled up with zeros, so zeros at the end of a list do not count. Fold 0 then draws what the main
# program has drawn, to split or to shuffle the data say, and `[seed, 0]` is `[seed, 0, 0]`, too. In the
# recommended order, `[worker, seed]`, that is so for seed 0 alone: with it worker 3 has the stream of seed 3.
# `spawn` is free of it since numpy/numpy#16551, which left lists as they were.
#
# Seen with numpy 2.4.6 (Python 3.11, Linux), the first number of each stream:
#
#   seed 7                   0.6250954666
#   [7, 0]                   0.6250954666
#   [7, 0, 0]                0.6250954666
#   [7, 1]                   0.7701409510
#   first child of spawn     0.7978591868
#   [3, 0], and then seed 3  0.0856491671 0.0856491671
#
# Exits 0 while that is so, and 1 if it is otherwise.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q numpy==2.4.6
cd "$work"
cat > script.py <<'P'
import sys

from numpy.random import SeedSequence, default_rng


def drawn(seed):
    return default_rng(seed).random(1000)


def line(name, *streams):
    print(f"{name:24}", *(f"{stream[0]:.10f}" for stream in streams))


root, zero, zeros, one = map(drawn, (7, [7, 0], [7, 0, 0], [7, 1]))
child = drawn(SeedSequence(7).spawn(1)[0])
worker, other = drawn([3, 0]), drawn(3)
line("seed 7", root)
line("[7, 0]", zero)
line("[7, 0, 0]", zeros)
line("[7, 1]", one)
line("first child of spawn", child)
line("[3, 0], and then seed 3", worker, other)
same = (root == zero).all() and (root == zeros).all() and (worker == other).all()
sys.exit(0 if same and not (root == one).any() and not (root == child).any() else 1)
P
env/bin/python script.py
