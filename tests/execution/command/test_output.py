"""What a command prints, on its way to the reader and into the log."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.execution.command.workshop import Begin, Drive, python, says, shell, told
from tests.execution.workshop import Eventually
from tests.workshop import DEADLINE

DRIVER = str(Path(__file__).with_name("driver.py"))


def test_output_arrives_on_its_own_stream_and_both_are_kept(
    begin: Begin, log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    begin(shell("echo to stdout; echo to stderr >&2")).wait()

    assert capfd.readouterr() == ("to stdout\n", "to stderr\n")
    assert sorted(log.read_text().splitlines()) == ["to stderr", "to stdout"]
    assert [path.name for path in log.parent.glob("log*")] == ["log"]


def test_output_flows_before_anybody_waits_for_the_end(
    begin: Begin, tmp_path: Path, log: Path, eventually: Eventually
) -> None:
    child = begin(shell("echo early; while [ ! -e go ]; do sleep 0.01; done; echo late"))

    eventually(says(log, "early"))
    (tmp_path / "go").touch()
    child.wait()

    assert log.read_text() == "early\nlate\n"


def test_bytes_are_passed_on_as_they_are(
    begin: Begin, log: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    every = bytes(range(256)) * 1000

    begin(python("import sys; sys.stdout.buffer.write(bytes(range(256)) * 1000)")).wait()

    assert capfdbinary.readouterr().out == every
    assert log.read_bytes() == every


def test_a_silent_command_has_an_empty_log(begin: Begin, log: Path) -> None:
    begin(["true"]).wait()

    assert log.read_bytes() == b""


def test_a_daemon_that_keeps_the_log_open_holds_up_nobody(begin: Begin, log: Path) -> None:
    child = begin(shell("sleep 1000 & echo done"))

    ended = child.wait()

    assert ended.code == 0
    assert log.read_text() == "done\n"


def test_two_streams_to_one_place_stay_in_order(drive: Drive, log: Path) -> None:
    script = "import os\nfor n in range(4000): os.write(1 + n % 2, b'%d\\n' % n)"
    expected = "".join(f"{n}\n" for n in range(4000)).encode()

    driver = drive(python(script), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    out, _ = driver.communicate(timeout=DEADLINE)

    assert out == expected
    assert log.read_bytes() == expected


def test_a_reader_that_leaves_early_does_not_end_the_run(
    drive: Drive, log: Path, tmp_path: Path
) -> None:
    script = "echo first; while [ ! -e go ]; do sleep 0.01; done; yes | head -n 100000; exit 3"
    driver = drive(shell(script), stdout=subprocess.PIPE)
    assert driver.stdout is not None
    assert driver.stdout.readline() == b"first\n"

    driver.stdout.close()
    (tmp_path / "go").touch()
    driver.wait(DEADLINE)

    assert told(log) == {"code": 3, "signal": None, "reason": None}
    assert log.read_text() == "first\n" + "y\n" * 100000


@pytest.mark.parametrize("blocking", [True, False])
def test_a_slow_reader_gets_everything(
    drive: Drive, tmp_path: Path, eventually: Eventually, *, blocking: bool
) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, blocking)
    driver = drive(shell("yes | head -n 500000; touch done"), stdout=writer)
    os.close(writer)

    eventually((tmp_path / "done").exists)
    with os.fdopen(reader, "rb") as pipe:
        out = pipe.read()
    driver.wait(DEADLINE)

    assert out == b"y\n" * 500000


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_stream_is_no_obstacle(tmp_path: Path, log: Path, closed: str) -> None:
    line = f'"$0" "$@" {closed}'
    command = shell("echo one; echo two >&2")

    subprocess.run(
        ["/bin/sh", "-c", line, sys.executable, DRIVER, str(log), *command],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=DEADLINE,
    )

    assert sorted(log.read_text().splitlines()) == ["one", "two"]
