#!/usr/bin/env bash
# `accelerate launch --cpu --num_processes 2` starts one process, exits with 0, and does not say so.
#
# One expects two processes, as `torchrun --nproc-per-node 2` starts them on a CPU, or a refusal.
# The training is another one then: twice the steps for each process, another result.
# The same script under torchrun, with ACCELERATE_USE_CPU=true, does run in two processes.
#
# Seen with accelerate 1.15.0 and torch 2.13.0 (Python 3.11, Linux), in a machine without a GPU:
#
#   accelerate launch --cpu --num_processes 2: exit 0, processes 1, warnings about num_processes: 0
#   torchrun --nproc-per-node 2:               exit 0, processes 2
#
# Exits 0 while that is so, and 1 if it is otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work CUDA_VISIBLE_DEVICES='' OMP_NUM_THREADS=1
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q accelerate==1.15.0 torch==2.13.0
cd "$work"
cat > script.py <<'P'
from accelerate import Accelerator

accelerator = Accelerator()
accelerator.print("processes", accelerator.num_processes)
P
launched=0
env/bin/accelerate launch --cpu --num_processes 2 script.py > accelerate.out 2> accelerate.err || launched=$?
words=$(grep -ciE 'num_processes|one process|single process' accelerate.err || true)
echo "accelerate launch --cpu --num_processes 2: exit $launched, $(cat accelerate.out), warnings about num_processes: $words"
torchrun=0
ACCELERATE_USE_CPU=true env/bin/torchrun --nproc-per-node 2 script.py > torchrun.out 2> /dev/null || torchrun=$?
echo "torchrun --nproc-per-node 2:               exit $torchrun, $(cat torchrun.out)"
[ "$launched" = 0 ] && [ "$(cat accelerate.out)" = "processes 1" ] && [ "$words" = 0 ] &&
  [ "$torchrun" = 0 ] && [ "$(cat torchrun.out)" = "processes 2" ]
