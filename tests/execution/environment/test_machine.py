"""What is recorded of the machine that a command runs on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gitexp.execution.environment.machine import Gpus, gpus_by_library, gpus_in_proc, this_machine

from tests.workshop import Gitexp, git, write

LIBRARY = """
#include <string.h>
int nvmlInit_v2(void) { return 0; }
int nvmlInitWithFlags(unsigned int flags) { return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlSystemGetDriverVersion(char *text, unsigned int n) { strcpy(text, "550.54.15"); return 0; }
int nvmlSystemGetCudaDriverVersion_v2(int *version) { *version = 12040; return 0; }
int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned int at, void **device) { *device = (void *)8; return 0; }
int nvmlDeviceGetName(void *device, char *name, unsigned int n) { strcpy(name, "A100"); return 0; }
"""
"""What stands for a driver's library; NVIDIA's own bindings call it."""

SEEN = """
import glob, time
while not glob.glob(".git/gitexp/runs/*/environment.json"):
    time.sleep(0.01)
"""
"""A script that ends once gitexp has seen it."""

ASK = """
import pynvml
from gitexp.execution.environment.machine import gpus_by_library
print(gpus_by_library(pynvml))
"""


def test_the_machine_is_the_one_that_the_system_tells_of() -> None:
    machine = this_machine()

    assert machine.cores is not None
    assert 1 <= machine.cores <= (os.cpu_count() or 0)
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert machine.memory is not None
    assert 0 < machine.memory <= total + 2**26
    assert machine.memory % 2**26 == 0
    if "model name" in Path("/proc/cpuinfo").read_text():
        assert machine.cpu


def test_without_a_driver_no_library_is_imported() -> None:
    text = (
        "import sys; from gitexp.execution.environment.machine import this_machine;"
        " print(this_machine().gpus, 'pynvml' in sys.modules)"
    )
    if Path("/proc/driver/nvidia").exists() or Path("/dev/nvidiactl").exists():
        pytest.skip("there is a driver")

    ended = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)

    assert ended.stdout == "() False\n"


def test_gpus_are_asked_of_nvidias_library(tmp_path: Path) -> None:
    pytest.importorskip("pynvml")
    compiler = shutil.which("cc") or pytest.skip("there is no compiler")
    (tmp_path / "nvml.c").write_text(LIBRARY)
    library = tmp_path / "libnvidia-ml.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, tmp_path / "nvml.c"], check=True)

    ended = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, "LD_LIBRARY_PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout.strip() == repr(Gpus(("A100", "A100"), "550.54.15", "12.4"))


def test_a_library_that_does_not_answer_leaves_what_the_driver_says() -> None:
    pynvml = pytest.importorskip("pynvml")
    if Path("/proc/driver/nvidia").exists():
        pytest.skip("there is a driver")

    assert gpus_by_library(pynvml) == Gpus()


def test_without_the_library_the_drivers_files_are_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "version": (
                "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 2024\n"
                "GCC version:  gcc version 12.2.0\n"
            ),
            "gpus/0000:01:00.0/information": "Model: \t\t NVIDIA A100-SXM4-80GB\nIRQ:   \t\t 11\n",
            "gpus/0000:02:00.0/information": "Model: \t\t NVIDIA T4\n",
        },
    )

    assert gpus_in_proc(tmp_path) == Gpus(("NVIDIA A100-SXM4-80GB", "NVIDIA T4"), "550.54.15")
    assert gpus_in_proc(tmp_path / "nowhere") == Gpus()


def test_a_run_records_the_settings_of_its_own_process_and_no_others(
    work_tree: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENBLAS_CORETYPE", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    monkeypatch.setenv("MKL_CBWR", "x" * 300)
    write(work_tree, {"slow.py": SEEN})

    gitexp("run", "-n", "set", "--", "OMP_NUM_THREADS=3 python slow.py")
    gitexp("run", "-n", "not-set", "--", "true")

    record = json.loads(git("show", "experiments^:.gitexp/run.json"))
    machine = record["machine"]
    assert machine["variables"] == {"OMP_NUM_THREADS": "3", "PYTHONHASHSEED": "0"}
    assert (machine["cores"], machine["memory"]) == (this_machine().cores, this_machine().memory)
    shown = gitexp("show", "set").out
    assert "variables     OMP_NUM_THREADS=3 PYTHONHASHSEED=0\n" in shown
    differs = json.loads(gitexp("diff", "set", "not-set", "--json").out)["machine"]
    assert differs == {"OMP_NUM_THREADS": {"old": "3", "new": None}}
    assert "Variables" in gitexp("diff", "set", "not-set").out
    assert "hunter2" not in git("log", "-p", "experiments")


def test_a_saved_work_tree_has_no_machine_and_an_old_record_stays_as_it_was(
    work_tree: Path, gitexp: Gitexp
) -> None:
    assert work_tree.exists()
    gitexp("save")

    record = json.loads(git("show", "experiments:.gitexp/run.json"))

    assert "machine" not in record
    assert (record["python"], record["environment"]) == (None, None)
    assert "machine" not in json.loads(gitexp("show", "--json").out)
