"""What a training logs, and what cannot stop it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gitexp
from gitexp.model.marks import LOG_DIR
from gitexp.series.logged import Logged, read_logged
from gitexp.writing import calls, writer
from gitexp.writing.numbers import plain


class Tensor:
    """A scalar as PyTorch's: it has `item` and a `dtype` that says its name in this way."""

    def __init__(self, value: float, dtype: str = "torch.float32") -> None:
        self.value, self.dtype, self.shape = value, dtype, ()

    def item(self) -> float:
        return self.value


class Broken:
    """A value whose library raises, such as a tensor of a device that is gone."""

    dtype, shape = "torch.float32", ()

    def item(self) -> float:
        raise RuntimeError("device lost")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a run that is under way."""
    place = tmp_path / "logged"
    place.mkdir()
    monkeypatch.setenv(LOG_DIR, str(place))
    writer._said.clear()
    calls.log_into(str(place))
    yield place
    calls.log_into(None)


def _values(folder: Path) -> dict[str, list[float]]:
    return {key: one.values for key, one in read_logged(folder).series.items()}


def _steps(folder: Path) -> list[float]:
    return read_logged(folder).series["a"].steps


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (np.float32(0.1), 0.1),
        (np.float16(0.1), 0.1),
        (np.float32(1 / 3), 0.33333334),
        (np.float64(1 / 3), 1 / 3),
        (np.array([7]), 7),
        (np.int64(2**53 + 1), 2**53 + 1),
        (np.bool_(True), True),
        (Tensor(0.10009765625, "torch.bfloat16"), 0.1),
        (Tensor(0.10000000149011612), 0.1),
        (Tensor(3, "torch.int64"), 3),
        (np.float32("inf"), "inf"),
        (Tensor(float("nan")), "nan"),
    ],
)
def test_a_scalar_is_written_as_short_as_its_type_is_exact(value: Any, number: Any) -> None:
    found = plain(value)

    assert (found, type(found)) == (number, type(number))


def test_every_float32_comes_back() -> None:
    for bits in range(0, 2**32, 10_000_019):
        value = np.uint32(bits).view(np.float32)
        if np.isfinite(value):
            assert np.float32(plain(value)) == value


def test_what_is_logged_is_read(folder: Path) -> None:
    gitexp.log({"loss": np.float32(0.1), "val": {"acc": 1}}, step=0)
    gitexp.log({"loss": float("nan"), "val": {"acc": float("-inf")}}, step=5)
    gitexp.param("lr", 0.1)
    gitexp.param({"model": {"depth": np.int64(3)}}, path=folder, missing=float("nan"))
    gitexp.summary["best"] = np.float32(0.9)
    gitexp.summary.update(note="text")
    gitexp.artifact("model.bin")

    found = read_logged(folder)

    assert found.series["loss"].steps == [0, 5]
    assert str(found.series["loss"].values) == "[0.1, nan]"
    assert found.series["val.acc"].values == [1, float("-inf")]
    assert {**found.params, "missing": None} == {
        "lr": 0.1,
        "model": {"depth": 3},
        "path": str(folder),
        "missing": None,
    }
    assert str(found.params["missing"]) == "nan"
    assert found.summary == {"best": 0.9, "note": "text"}
    assert found.artifacts == (str(Path.cwd() / "model.bin"),)
    assert found.ignored == ()


def test_wrong_arguments_are_said_and_values_by_name_are_logged(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gitexp.log(a=1)
    gitexp.log({"a": 2, "b": 3}, step=7, b=4)
    gitexp.log({}, 1, 2)  # type: ignore[arg-type]
    gitexp.log(3, b=4)  # type: ignore[arg-type]
    gitexp.figure("a")  # type: ignore[call-arg]
    gitexp.artifact()  # type: ignore[call-arg]
    gitexp.param("a", 1, 2)  # type: ignore[call-arg]

    assert _values(folder) == {"a": [1, 2], "b": [4]}
    said = [line.split(": ")[2:4] for line in capsys.readouterr().err.splitlines()]
    assert said == [[name, "TypeError"] for name in ("log", "log", "figure", "artifact", "param")]


@pytest.mark.parametrize(
    ("given", "hint"), [("param", "did you mean 'params'?"), ("lr", "a param is `params={'lr': ")]
)
def test_an_argument_that_there_is_not_is_said_before_the_training(given: str, hint: str) -> None:
    with pytest.raises(TypeError) as caught:
        gitexp.start(**{given: 1})  # type: ignore[arg-type]

    assert f"unexpected keyword argument '{given}'" in str(caught.value)
    assert hint in str(caught.value)


def test_a_step_that_is_not_given_is_one_more_than_the_last(folder: Path) -> None:
    for step in (None, None, np.int32(10), None, 4, None, 2.5, 3.0):
        gitexp.log({"a": 1}, step)

    assert _steps(folder) == [0, 1, 2.5, 3, 4, 5, 10, 11]


def test_a_later_process_of_a_run_goes_on_after_the_last_step(folder: Path) -> None:
    """Also after a long text, and after lines of JSON that another program has written."""
    gitexp.log({"a": 1}, step=41)
    gitexp.summary["predictions"] = ["dog"] * 30_000
    calls.log_into(str(folder))

    gitexp.log({"a": 2})

    assert _steps(folder) == [41, 42]
    (folder / f"{10**13 - 1}-0-7.jsonl").write_text('{"step": 99, "log": {"a": 3}}\n{"st')
    calls.log_into(str(folder))
    gitexp.log({"a": 4})
    assert _steps(folder) == [41, 42, 99, 100]


def test_keys_that_are_one_share_a_curve(folder: Path) -> None:
    gitexp.log({"val.a": 1, "val": {"a": 2}}, step=0)
    gitexp.log({"val/a": 3, 7: 4}, step=0)  # type: ignore[dict-item]

    assert _values(folder) == {"val.a": [2], "val/a": [3], "7": [4]}


def test_what_messagepack_lacks_is_there_as_well(folder: Path) -> None:
    gitexp.log({7: 1, True: 2, "n": {3: 4}}, step=1)  # type: ignore[dict-item]
    gitexp.log({"f": 2**80, "n": {"3": 5}}, step=2)
    gitexp.log({"f": 1}, step=2**70)
    gitexp.param("seed", 2**100 + 1)
    calls.log_into(str(folder))
    gitexp.log({"f": 2, "g": Decimal("0.1")})

    numbers = {"7": [1], "True": [2], "n.3": [4, 5], "f": [2**80, 1, 2], "g": [0.1]}
    assert _values(folder) == numbers
    assert read_logged(folder).series["f"].steps == [2, 2**70, 2**70 + 1]
    assert read_logged(folder).params == {"seed": 2**100 + 1}


def test_what_is_no_number_is_said_once_and_the_rest_is_kept(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        gitexp.log({"a": 1, "b": np.ones(3), "c": None, "d": "x", "e": Broken(), "f": 2**80})
    gitexp.log([1])  # type: ignore[arg-type]
    gitexp.log({"a": 2}, step="x")  # type: ignore[arg-type]

    assert _values(folder) == {"a": [1, 1, 1], "f": [2**80] * 3}
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "gitexp: warning: 'b' is left out: an array of shape (3,) is not a number",
        "gitexp: warning: 'c' is left out: None is not a number",
        "gitexp: warning: 'd' is left out: 'x' is not a number",
        "gitexp: warning: 'e' is left out: device lost",
        (
            "gitexp: warning: log: NotANumber: what is logged is a mapping: "
            '`gitexp.log({"loss": 0.1})`'
        ),
        "gitexp: warning: log: NotANumber: a step is a number, not 'x'",
    ]


def test_logging_outside_of_a_run_does_nothing_and_says_so_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/a/train.py"])
    writer._said.clear()
    calls.log_into(None)

    gitexp.log({"a": 1})
    gitexp.summary["a"] = 1
    gitexp.figure("a", b"\x89PNG")

    assert capsys.readouterr().err == (
        "gitexp: warning: nothing is logged, as this is no run: start it by "
        "`gitexp run -- python train.py`, or put it into `with gitexp.start():`\n"
    )


def test_a_folder_that_is_gone_is_not_made_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.rmdir()

    gitexp.log({"a": 1})
    gitexp.log({"a": 1})

    assert not folder.exists()
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_threads_write_whole_lines(folder: Path) -> None:
    def work(key: str) -> None:
        for step in range(300):
            gitexp.log({key: step, f"{key}/{'x' * 200}": 1}, step=step)

    threads = [threading.Thread(target=work, args=(f"k{at}",)) for at in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    found = read_logged(folder)
    assert found.ignored == ()
    assert {key: len(one.steps) for key, one in found.series.items()} == {
        f"k{at}{end}": 300 for at in range(6) for end in ("", f"/{'x' * 200}")
    }


def test_a_child_that_is_forked_writes_a_file_of_its_own(folder: Path) -> None:
    gitexp.log({"a": 1})
    if not (pid := os.fork()):
        gitexp.log({"a": 2})
        os._exit(0)
    os.waitpid(pid, 0)
    gitexp.log({"a": 3})

    assert len([*folder.glob("*.msgpack")]) == 2
    assert len(read_logged(folder).series["a"].steps) == 2


def test_a_child_of_a_rank_that_does_not_log_says_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Such as a worker that loads data: rank 0 has a run, and this is no place to begin one."""
    calls.log_into(None)
    calls.be_quiet()
    if not (pid := os.fork()):
        gitexp.log({"a": 2})
        os._exit(0)
    os.waitpid(pid, 0)

    assert capfd.readouterr().err == ""
    calls.log_into(None)


def test_each_rank_has_a_file_of_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("RANK", "2"), ("SLURM_PROCID", "1"), ("LOCAL_RANK", "0")):
        monkeypatch.setenv("RANK", "")
        monkeypatch.setenv("SLURM_PROCID", "")
        monkeypatch.setenv(name, text)
        calls.log_into(str(folder))
        gitexp.log({"a": int(text), f"of{text}": 1})

    found = read_logged(folder)

    assert found.ranks == (0, 1, 2)
    assert {key: one.values for key, one in found.series.items()} == {
        "a": [0],
        "of0": [1],
        "of1": [1],
        "of2": [1],
    }


@pytest.mark.parametrize(
    ("environment", "rank", "is_said"),
    [
        ({"RANK": "16"}, "RANK=16", True),
        ({"RANK": "16", "WORLD_SIZE": "32"}, "RANK=16", False),
        ({"RANK": "1", "WORLD_SIZE": "32"}, "RANK=1", True),
        ({"SLURM_PROCID": "0", "LOCAL_RANK": "1", "WORLD_SIZE": "2"}, "LOCAL_RANK=1", True),
    ],
)
def test_of_many_ranks_the_first_says_why_it_begins_no_run(
    environment: dict[str, str],
    rank: str,
    is_said: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    monkeypatch.delenv(writer.VARIABLE, raising=False)
    writer._said.clear()

    gitexp.start().log({"a": 1})

    calls.log_into(None)
    said = f"no run is begun by this process ({rank}): the one of rank 0"
    assert (said in capsys.readouterr().err) == is_said


def test_pictures_are_written_as_their_library_does(folder: Path) -> None:
    class Figure:
        def savefig(self, file: str, format: str) -> None:  # noqa: A002 - matplotlib's name
            Path(file).write_text(f"drawn as {format}")

    class Axes:
        figure = Figure()

    class Chart:
        def to_json(self) -> str:
            return "{}"

    (folder / "own.gif").write_bytes(b"GIF8")
    gitexp.figure("confusion", Figure())
    gitexp.figure("roc.svg", Axes())
    gitexp.figure("a/b", Chart())
    gitexp.figure("own", folder / "own.gif")
    gitexp.figure("../../x", b"\x89PNG")

    figures = read_logged(folder).figures
    assert [*figures] == ["confusion", "roc.svg", "a/b", "own", "../../x"]
    assert [figures[name] for name in ("confusion", "roc.svg", "own")] == [
        *("confusion.png", "roc.svg", "own.gif")
    ]
    assert sorted(one.name for one in (folder / "figures").iterdir()) == sorted(figures.values())
    assert (folder / "figures" / "roc.svg").read_text() == "drawn as svg"


KILLED = """\
import sys, gitexp
step = 0
while True:
    gitexp.log({"a": step, "b": 0.1, "c": 0.2, "d": float("nan"), "key" * 40: 1}, step=step)
    print(step, flush=True)
    step += 1
"""


def kill_while_logging(folder: Path, lines: int) -> tuple[Logged, int]:
    """Kill a process once it has said so often that it logged; return all, and how often."""
    process = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = 0
    while said < lines:
        process.stdout.readline()
        said += 1
    process.send_signal(signal.SIGKILL)
    said += len(process.stdout.read().split(b"\n")) - 1
    process.wait()
    process.stdout.close()
    return read_logged(folder), said


def test_no_line_is_lost_or_half_written_when_the_process_is_killed(folder: Path) -> None:
    for lines in (1, 500):
        for file in folder.glob("*.msgpack"):
            file.unlink()
        found, said = kill_while_logging(folder, lines)

        assert found.ignored == ()
        assert {len(one.steps) for one in found.series.values()} <= {said, said + 1}


def test_importing_the_calls_takes_msgspec_alone() -> None:
    script = (
        "import sys; before = set(sys.modules); import gitexp; gitexp.log; "
        "print(*sorted({one.partition('.')[0] for one in set(sys.modules) - before}"
        " - sys.stdlib_module_names))"
    )

    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert ended.stdout.split() == ["gitexp", "msgspec", "typing_extensions"]


FULL = """\
import resource, signal, gitexp
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for step in range(60):
    limit = 1000 if step < 50 else resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    gitexp.log({"a": step}, step=step)
"""


def test_a_full_disk_takes_lines_and_no_others(folder: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, check=True)

    steps = _steps(folder)
    assert steps[-10:] == [*range(50, 60)]
    assert steps[:-10] == [*range(len(steps) - 10)]
    assert 10 < len(steps) < 60
    assert read_logged(folder).ignored in ((), ("a line that is not whole",))
    assert "is the disk full?" in ended.stderr
    assert len(ended.stderr.splitlines()) == 2
