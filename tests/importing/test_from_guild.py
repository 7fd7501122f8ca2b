from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.importing.from_guild import found

from tests.importing.tool_stores import COMMIT, guild_run, read_all
from tests.metrics.tracker_stores import write_events

FIRST, SECOND = "24eb243ed7e2493eba297929c65e6d19", "cc209e9dc2cb49f69ca82dbc92470ce4"


def test_a_run_comes_value_by_value(tmp_path: Path) -> None:
    folder = guild_run(tmp_path, FIRST, comments=[{"body": "wider", "user": "ada", "time": 1}])
    write_events(folder / ".guild", {"loss": [1.0, 0.5], "acc": [0.25]})
    write_events(folder / "logs", {"loss": [4.0, 2.0, 1.0]})

    runs, refused = read_all(found, tmp_path)

    run = runs[FIRST[:8]]
    assert not refused
    assert run.params == {"lr": 0.2, "depth": 3, "name": "1e-3", "wide": True}
    assert run.metrics == {"loss": 0.5, "acc": 0.25, "logs/loss": 1.0}
    assert {one.key: one.values for one in run.curves} == {
        "loss": [1.0, 0.5],
        "logs/loss": [4.0, 2.0, 1.0],
    }
    assert (run.name, run.group, run.end, run.exit_code) == (
        *("digits-train-24eb243e", "digits:train"),
        *("done", 0),
    )
    assert (run.started, run.ended) == (1_767_323_046, 1_767_323_047.5)
    assert (run.commit, run.message, run.user, run.host) == (COMMIT, "wider", "ada", "tower")
    assert run.tags == ("base", "quick")
    assert run.packages == ("numpy==2.4.6",)
    assert [(one.name, one.kind, one.size) for one in run.artifacts] == [
        ("train.py", "source code", None),
        ("data.csv", "dependency", None),
        ("model.txt", "", 7),
    ]
    assert "not for anybody" not in repr(run)
    assert str(tmp_path) not in repr(run)


def test_a_label_that_was_given_is_its_name(tmp_path: Path) -> None:
    guild_run(tmp_path, FIRST, label="wide one", run_params={"label": "wide one"})

    runs, _ = read_all(found, tmp_path)

    assert runs[FIRST[:8]].name == "wide one"


@pytest.mark.parametrize(
    ("status", "end"), [(3, "failed"), (-15, "interrupted"), (None, "running")]
)
def test_its_status_says_how_it_ended(tmp_path: Path, status: int | None, end: str) -> None:
    guild_run(tmp_path, FIRST, exit_status=status)

    runs, _ = read_all(found, tmp_path)

    assert runs[FIRST[:8]].end == end


def test_trials_are_runs_and_what_was_not_started_is_none(tmp_path: Path) -> None:
    batch = guild_run(tmp_path, "b" * 32)
    (batch / ".guild" / "proto").mkdir()
    (batch / FIRST).symlink_to(f"../{FIRST}")
    guild_run(tmp_path, FIRST)
    (guild_run(tmp_path, SECOND) / ".guild" / "STAGED").touch()

    runs, refused = read_all(found, tmp_path)

    assert list(runs) == [FIRST[:8]]
    assert runs[FIRST[:8]].extra["batch"] == "b" * 32
    assert not refused


@pytest.mark.parametrize("broken", ["attrs/flags", "opref"])
def test_a_broken_file_stops_no_other_run(tmp_path: Path, broken: str) -> None:
    (guild_run(tmp_path, FIRST) / ".guild" / broken).write_text("lr: [0.1")
    guild_run(tmp_path, SECOND)

    first, second = found(str(tmp_path), Path())

    with pytest.raises(GitexpError, match="is not whole"):
        first.read()
    assert second.read().params["lr"] == 0.2


def test_yaml_makes_plain_values_only_and_not_too_many(tmp_path: Path) -> None:
    attributes = guild_run(tmp_path, FIRST) / ".guild" / "attrs"
    [one] = found(str(tmp_path), Path())

    (attributes / "flags").write_text("lr: !!python/object/apply:os.getcwd []\n")
    with pytest.raises(GitexpError, match="flags"):
        one.read()
    doubled = (f"a{at}: &a{at} [*a{at - 1}, *a{at - 1}]" for at in range(1, 40))
    (attributes / "flags").write_text("\n".join(["a0: &a0 [1]", *doubled]))
    with pytest.raises(GitexpError, match="too many"):
        one.read()


def test_a_text_of_many_aliases_is_not_expanded(tmp_path: Path) -> None:
    """As texts, lists are not counted: ten lines of this would be a terabyte."""
    lines = ("- &a0 [x]", *(f"- &a{at} [*a{at - 1}, *a{at - 1}]" for at in range(1, 40)))
    own = guild_run(tmp_path, FIRST) / ".guild" / "attrs" / "tags"
    own.write_text("\n".join(lines))

    [one] = found(str(tmp_path), Path())

    with pytest.raises(GitexpError, match="'tags' has too many values"):
        one.read()


def test_links_in_a_run_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("lr: 1\n")
    flags = guild_run(tmp_path / "home", FIRST) / ".guild" / "attrs" / "flags"
    flags.unlink()
    flags.symlink_to(tmp_path / "secret")

    [one] = found(str(tmp_path / "home"), Path())

    with pytest.raises(GitexpError):
        one.read()


def test_without_a_path_it_is_the_home_that_guild_would_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GUILD_HOME", raising=False)
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "env"))
    guild_run(tmp_path / "env" / ".guild", FIRST)
    assert [one.key for one in found(None, tmp_path)] == [FIRST]

    guild_run(tmp_path / "home", SECOND)
    monkeypatch.setenv("GUILD_HOME", str(tmp_path / "home"))
    assert [one.key for one in found(None, tmp_path)] == [SECOND]
