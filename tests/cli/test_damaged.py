"""Objects in DVC's cache that are not what their names say: found, and never handed over."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest

from gitexp.errors import ExitCode

from tests.workshop import Git, Gitexp, commit_all, dvc, only_once

TRAIN = "mkdir -p ck; echo {0} > model.pt; echo {0} > ck/a; echo b > ck/b"


def objects(top: Path) -> list[Path]:
    """Return the objects of the cache."""
    return sorted((top / ".dvc/cache/files/md5").glob("??/*"))


def damage(top: Path, *, holding: str) -> str:
    """Change an object as a write through a link does, its size and mode as they were."""
    (path,) = [one for one in objects(top) if one.read_text() == holding]
    path.chmod(0o644)
    path.write_text(holding.upper())
    path.chmod(0o444)
    return f"{path.parent.name}{path.name}"


@pytest.fixture
def made(gitexp: Gitexp, work_tree: Path, tmp_path: Path) -> Path:
    """Record `one` and `two`, each with a model and a folder; the remote has their data."""

    def make() -> None:
        (work_tree / "gitexp.yaml").write_text("track: ['*.pt', ck/]\n")
        commit_all(work_tree)
        for name in ("one", "two"):
            ended = gitexp("run", "-n", name, "--", "sh", "-c", TRAIN.format(name))
            assert ended.code == 0, ended.err

    only_once("one and two", work_tree, make)
    dvc("remote", "add", "-d", "store", str(tmp_path / "store"))
    dvc("push", "-A")
    subprocess.run(["git", "add", ".dvc/config"], check=True)
    return work_tree


@pytest.fixture
def sent(made: Path, gitexp: Gitexp, new_hub: Path, git: Git) -> Path:
    """The same, with the runs and their data sent."""
    git("remote", "add", "origin", new_hub)
    ended = gitexp("push")
    assert ended.code == 0, ended.err
    return made


@pytest.fixture
def new_hub(tmp_path: Path, git: Git) -> Path:
    git("init", "--quiet", "--bare", tmp_path / "hub.git")
    return tmp_path / "hub.git"


def test_doctor_deep_finds_a_damaged_object(made: Path, gitexp: Gitexp) -> None:
    assert "objects are what their names say" in gitexp("doctor", "--deep").out

    md5 = damage(made, holding="one\n")

    assert "damaged" not in gitexp("doctor").out
    code, out, _ = gitexp("doctor", "--deep")
    assert code == ExitCode.NO
    assert f"object {md5} is damaged: its content has the md5 " in " ".join(out.split())


def test_doctor_deep_names_the_runs_and_what_mends_it_and_asks_the_remote(
    sent: Path, tmp_path: Path, gitexp: Gitexp
) -> None:
    def found(*words: str) -> list[str]:
        lines = json.loads(gitexp("doctor", "--deep", *words, "--json").out)
        return [f"{one['mark']} {one['text']}. {one['hint']}" for one in lines]

    md5 = hashlib.md5(b"one\n").hexdigest()
    whole = found("one", "--remote")
    there = tmp_path / "store/files/md5" / md5[:2] / md5[2:]
    there.chmod(0o644)
    there.write_text("on")
    short = found("one", "--remote")
    there.unlink()
    lacking = found("one", "--remote")
    model, shared = damage(sent, holding="one\n"), damage(sent, holding="b\n")
    of_all, of_one, of_two = (found(*words) for words in ((), ("one",), ("two",)))
    (sent / ".dvc/cache/files/md5" / md5[:2] / md5[2:]).unlink()
    lost = found("one", "--remote")
    absent = found("one")

    need = "'ck' of run 'one' needs it, and 1 more pointer does"
    assert [line.partition(" (")[0].partition(". ")[0] for line in whole] == [
        "ok all 3 objects are what their names say",
        "ok 3 objects that runs point at are on a DVC remote, as long as they are here",
    ]
    assert [line.partition(". ")[0] for line in (short[1], lacking[1], lost[1], absent[1])] == [
        f"wrong object {md5} has 2 B on the DVC remote, and should have 4 B: {need}",
        f"note object {md5} is not on a DVC remote: {need}",
        f"wrong object {md5} is neither in the DVC cache nor on a DVC remote: {need}",
        "note 1 object that runs point at is not in the DVC cache, such as 'ck' of run 'one'",
    ]
    wrong = {line.split()[2] for line in of_all if line.startswith("wrong")}
    assert wrong == {line.split()[2] for line in of_one} == {model, shared}
    [told] = of_two  # of runs, their data alone
    assert told.startswith(f"wrong object {shared} is damaged: its content has the md5 ")
    assert "; 'ck' of run 'two' needs it. `gitexp pull --data two` moves it away" in told
    assert any("; 'ck' of run 'one' needs it, and 1 more pointer does. " in line for line in of_all)
    assert gitexp("doctor", "one").code == 2


def test_get_fetches_the_right_model_in_place_of_a_damaged_one(sent: Path, gitexp: Gitexp) -> None:
    md5 = damage(sent, holding="one\n")

    code, _, err = gitexp("get", "one", "model.pt", "-o", "got")

    assert (code, Path("got").read_text()) == (0, "one\n")
    aside = next((sent / ".dvc/cache/files/md5/damaged").iterdir())
    said = f"the data of 'model.pt' in the DVC cache was damaged (md5 {md5}): it is now '{aside}'"
    assert err == f"warning: {said}\n"
    assert aside.read_text() == "ONE\n"


def test_get_refuses_a_damaged_file_that_the_remote_does_not_have(
    made: Path, gitexp: Gitexp
) -> None:
    dvc("remote", "remove", "store")
    damage(made, holding="one\n")

    code, _, err = gitexp("get", "one", "ck/a", "-o", "got")

    assert (code, Path("got").exists()) == (ExitCode.ERROR, False)
    assert err.startswith("warning: the data of 'ck' in the DVC cache was damaged")
    assert "error: the data of 'ck' is missing" in err


def test_apply_brings_the_right_model_in_place_of_a_damaged_one(sent: Path, gitexp: Gitexp) -> None:
    damage(sent, holding="one\n")

    code, _, err = gitexp("apply", "one", "--force")

    assert code == 0
    assert [(sent / path).read_text() for path in ("model.pt", "ck/a")] == ["one\n", "one\n"]
    assert "in the DVC cache was damaged" in err


def test_pull_fetches_what_is_damaged(sent: Path, gitexp: Gitexp) -> None:
    damage(sent, holding="one\n")

    code, out, err = gitexp("pull", "--data", "one")

    assert code == 0, err
    assert "one: 1 file of data fetched" in out
    assert "in the DVC cache was damaged" in err
    assert gitexp("doctor", "--deep").out.count("damaged") == 0


def test_a_checkout_says_that_an_object_is_damaged_and_places_nothing(
    made: Path, gitexp: Gitexp, git: Git
) -> None:
    gitexp("hooks", "install")
    git("add", "--all")
    git("commit", "--quiet", "-m", "two")
    gitexp("branch", "one", "topic")
    damage(made, holding="one\n")

    ended = subprocess.run(["git", "switch", "topic"], capture_output=True, text=True, check=False)

    assert "was damaged" in ended.stderr
    assert not (made / "model.pt").exists() or (made / "model.pt").read_text() == "two\n"


def test_a_run_that_writes_what_is_damaged_mends_it(made: Path, gitexp: Gitexp) -> None:
    damage(made, holding="one\n")

    ended = gitexp("run", "-n", "again", "--", "sh", "-c", TRAIN.format("one"))

    assert ended.code == 0
    assert gitexp("doctor", "--deep").code == gitexp("doctor").code
    gitexp("get", "again", "model.pt", "-o", "got")
    assert Path("got").read_text() == "one\n"


def test_an_object_that_changed_with_its_time_put_back_is_found(sent: Path, gitexp: Gitexp) -> None:
    (path,) = [one for one in objects(sent) if one.read_text() == "one\n"]
    found = path.stat()
    damage(sent, holding="one\n")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))

    gitexp("get", "one", "model.pt", "-o", "got")

    assert Path("got").read_text() == "one\n"
