#!/usr/bin/env bash
# If the process that called joblib's `Parallel` is killed, its workers begin further tasks.
#
# One expects the work to end with its parent, or after the tasks that are running: a worker whose
# parent is gone has nobody to hand a result to. But tasks that wait in loky's queue are begun all
# the same, and the workers are still there half a minute after the last of them has ended. So a
# search that was killed goes on writing files, beside the one that was started in its place.
#
# Seen with joblib 1.6.0 (loky, its default; Python 3.11, Linux), two workers, tasks of a second:
#
#   tasks begun after the kill: 2 (or 3), workers 30 s after the last one ended: 2
#
# Exits 0 while that is so (one task or more, two workers), and 1 if it is otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q joblib==1.6.0
cd "$work"
cat > tasks.py <<'P'
import time

from joblib import Parallel, delayed


def task(number):
    open(f"began-{number}", "w").close()
    time.sleep(1)
    open(f"ended-{number}", "w").close()


if __name__ == "__main__":
    Parallel(n_jobs=2)(delayed(task)(number) for number in range(40))
P
cat > kill.py <<'P'
import glob
import os
import subprocess
import sys
import time


def workers():
    found = []
    for place in glob.glob("/proc/[0-9]*"):
        try:
            with open(f"{place}/cmdline", "rb") as file:
                if b"LokyProcess" in file.read() and os.readlink(f"{place}/cwd") == os.getcwd():
                    found.append(int(place.split("/")[2]))
        except OSError:
            pass
    return found


parent = subprocess.Popen([sys.executable, "tasks.py"], stderr=subprocess.DEVNULL)
while len(glob.glob("ended-*")) < 2:
    time.sleep(0.05)
parent.kill()
parent.wait()
before = len(glob.glob("began-*"))
time.sleep(10)
while len(glob.glob("ended-*")) < len(glob.glob("began-*")):
    time.sleep(0.05)
time.sleep(30)
begun, left = len(glob.glob("began-*")) - before, workers()
for pid in left:
    os.kill(pid, 9)
print(f"tasks begun after the kill: {begun}, workers 30 s after the last one ended: {len(left)}")
sys.exit(0 if begun >= 1 and len(left) == 2 else 1)
P
env/bin/python kill.py
