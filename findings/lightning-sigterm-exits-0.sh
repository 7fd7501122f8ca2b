#!/usr/bin/env bash
# Lightning answers SIGTERM in `fit` by leaving the script with status 0: the rest of it is not run.
#
# One expects a status other than 0 (143, or 1 as after Ctrl-C), or that the script goes on.
# So a scheduler, a shell's `&&` or a tracker takes a training that was cut off for one that ended.
#
# Seen with lightning 2.6.6 and torch 2.13.0 (Python 3.11, Linux):
#
#   SIGTERM: exit 0, the script went on after fit: no
#   SIGINT:  exit 1, the script went on after fit: no
#
# Exits 0 while that is so, and 1 if it is otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work CUDA_VISIBLE_DEVICES='' OMP_NUM_THREADS=1
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q lightning==2.6.6 torch==2.13.0
cd "$work"
cat > train.py <<'P'
import sys
import time

import lightning as L
import torch


class Net(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def training_step(self, batch, _):
        open("begun", "w").close()
        time.sleep(0.1)
        return self.layer(batch).sum()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


trainer = L.Trainer(max_epochs=-1, logger=False, enable_checkpointing=False, accelerator="cpu")
trainer.fit(Net(), torch.utils.data.DataLoader(torch.zeros(64, 2)))
open("after", "w").close()
P
cat > stop.py <<'P'
import os
import signal
import subprocess
import sys
import time

training = subprocess.Popen(["env/bin/python", "train.py"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
while not os.path.exists("begun") and training.poll() is None:
    time.sleep(0.1)
time.sleep(1)
training.send_signal(getattr(signal, sys.argv[1]))
try:
    status = training.wait(120)
except subprocess.TimeoutExpired:
    training.kill()
    status = "none"
print(f"exit {status}, the script went on after fit: {'yes' if os.path.exists('after') else 'no'}")
P
term=$(env/bin/python stop.py SIGTERM)
rm -f begun
int=$(env/bin/python stop.py SIGINT)
echo "SIGTERM: $term"
echo "SIGINT:  $int"
[ "$term" = "exit 0, the script went on after fit: no" ] &&
  [ "$int" = "exit 1, the script went on after fit: no" ]
