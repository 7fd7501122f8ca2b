"""What is told of a run and of a sweep."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest

from gitexp.afterwards.message import Improved, run_message, sweep_message
from gitexp.afterwards.sending import send
from gitexp.errors import GitexpError
from gitexp.model.record import Exit, Inputs, RunRecord

TOKEN = "ghp_" + "x" * 36


def record(**fields: object) -> RunRecord:
    known: dict[str, object] = {
        "id": "k3f9x2mq7a",
        "name": "brave-otter",
        "status": "done",
        "exit": Exit(0),
        "command": ("python", "train.py", "--key", TOKEN),
        "baseline": "0" * 40,
        "inputs": Inputs("0" * 40),
        "started": "2026-01-02T03:04:05.000Z",
        "ended": "2026-01-02T03:04:17.000Z",
        "metrics": {"metrics.json": {"val": {"acc": 0.9}, "loss": float("nan"), "note": "best"}},
    }
    return RunRecord(**{**known, **fields})  # type: ignore[arg-type]


def test_a_message_has_the_facts_and_a_line_of_text() -> None:
    told = run_message(record(), "1" * 40, [Improved("val.acc", 0.9, 0.8, "two")])

    assert told["events"] == ["end", "best"]
    assert told["run"]["status"] == "done"
    assert told["run"]["duration"] == 12.0
    assert told["metrics"] == {"val.acc": 0.9, "loss": None}
    assert told["improved"] == [
        {"metric": "val.acc", "value": 0.9, "n": 1, "before": 0.8, "run": "two"}
    ]
    assert told["text"] == "brave-otter: done in 12 s; best val.acc 0.9 (0.8 before)"


def test_a_message_of_a_failed_run_says_how_it_ended() -> None:
    told = run_message(record(status="failed", exit=Exit(3), metrics={}), "1" * 40, [])

    assert told["events"] == ["end", "fail"]
    assert told["run"]["exit_code"] == 3
    assert told["text"] == "brave-otter: failed with exit code 3 after 12 s"


def test_no_secret_is_in_a_message_and_nothing_that_a_chat_acts_upon() -> None:
    metrics = {"metrics.json": {TOKEN: 1, "<!channel> @all [x](y)": 2}}
    better = [Improved("<!channel> @all", 2, 1, TOKEN)]

    told = run_message(record(name=f"run-{TOKEN}", metrics=metrics), "1" * 40, better)

    assert TOKEN not in json.dumps(told)
    assert told["text"] == "run-***: done in 12 s; best __channel_ _all 2 (1 before)"


def test_a_message_of_a_sweep_counts_its_runs_and_has_the_best_one() -> None:
    best = run_message(record(), "1" * 40, [Improved("val.acc", 0.9, 0.8, "two")])
    sweep = {"id": "a", "name": "scan", "exit_code": 0, "runs": {"done": 3, "failed": 1}}

    told = sweep_message(sweep, best)

    assert told["events"] == ["end", "best"]
    assert told["text"] == f"sweep scan: 3 done, 1 failed; best {best['text']}"


def test_only_https_is_sent_to_and_no_address_is_in_an_error() -> None:
    with pytest.raises(GitexpError, match=r"^gitexp\.notify is no https address$"):
        send("http://hooks.example.com/secret", {})
    with pytest.raises(GitexpError, match=r"^cannot reach '127\.0\.0\.1': ConnectionError$"):
        send("http://127.0.0.1:1/secret", {})


def test_nothing_is_waited_for_but_the_status() -> None:
    """A push comes after the message."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with server.accept()[0] as connection:
                asked = b""
                while not asked.endswith(b"\r\n\r\n{}"):
                    asked += connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
                connection.recv(1)  # nothing, once the other has hung up

        answering = threading.Thread(target=answer)
        answering.start()
        send(f"http://127.0.0.1:{server.getsockname()[1]}/hook", {})
        answering.join()


def test_a_command_gets_the_message_in_the_users_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    send("cat > told.json", {"text": "Ä"})
    with pytest.raises(GitexpError, match=r"^the command of gitexp\.notify ended with 3$"):
        send("exit 3", {})

    assert json.loads((tmp_path / "told.json").read_text()) == {"text": "Ä"}
