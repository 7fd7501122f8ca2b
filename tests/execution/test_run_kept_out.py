"""Secrets and what git ignores stay out of folders behind pointers, and out of DVC's cache."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.execution.workshop import Sh, TheRun
from tests.workshop import Gitexp

MODEL = (
    "mkdir -p out/m; cd out/m; echo '{}' > config.json; echo $RANDOM > model.safetensors; cd ../.."
)
TOKEN = "ghp" + "_" + "a1B2c3D4e5F6" * 3


@pytest.fixture
def project_files() -> dict[str, str]:
    """A project that has git ignore its logs."""
    return {".gitignore": "*.log\n"}


def cached(work_tree: Path) -> set[bytes]:
    """Return all that DVC's cache holds of files."""
    cache = work_tree / ".dvc/cache/files/md5"
    return {file.read_bytes().strip() for file in cache.rglob("*") if file.is_file()}


def test_a_model_folder_has_no_secret_and_nothing_that_git_ignores(
    work_tree: Path, sh: Sh, the_run: TheRun, gitexp: Gitexp
) -> None:
    ended = sh(
        f"{MODEL}; echo KEY > out/m/.env; echo noise > out/m/a.log;"
        f"echo {TOKEN[:20]}''{TOKEN[20:]} > out/m/t"
    )

    assert "holds a secret: out/m/t (GitHub Token)" in ended.err
    assert (
        "note: 'out/m/.env' and 2 other files stay out of 'out/m.dvc', since git ignores them or "
        "a secret is in them; '.dvcignore' has a line for each\n"
    ) in ended.err
    assert cached(work_tree).isdisjoint({b"KEY", b"noise", TOKEN.encode()})
    assert [(one.path, one.nfiles) for one in the_run().record.pointers] == [("out/m", 2)]
    assert (work_tree / ".dvcignore").read_text().splitlines()[-3:] == [
        *("/out/m/.env", "/out/m/a.log", "/out/m/t")
    ]
    assert {"out/m/.env", "out/m/a.log", "out/m/t"}.isdisjoint(the_run().entries)
    assert ".dvcignore" in the_run().entries

    shutil.rmtree(work_tree / "out")
    assert gitexp("apply", "latest").code == 0
    there = {path.name for path in (work_tree / "out/m").iterdir()}
    assert there == {"config.json", "model.safetensors"}


def test_a_folder_that_is_written_again_takes_no_new_secret_along(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "gitexp.yaml").write_text("track: [ckpt/]\n")
    sh("mkdir ckpt; echo 1 > ckpt/a.log; echo 1 > ckpt/id_1; echo 1 > ckpt/w")
    (work_tree / "ckpt/.env").write_text("KEY")

    read = sh("cat ckpt/w").err
    written = sh("echo 2 > ckpt/w").err

    assert "'ckpt/id_1' stays out of 'ckpt.dvc'" not in read
    assert "warning: 'ckpt' as it was read is not in DVC's cache, because 'ckpt/.env'" in read
    assert "note: 'ckpt/.env' stays out of 'ckpt.dvc'" in written
    assert b"KEY" not in cached(work_tree)
    assert [one.nfiles for one in the_run().record.pointers] == [2]


def test_a_folder_of_very_many_files_has_no_secret_in_it(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    sh(
        "mkdir many; echo KEY > many/.env; echo x > many/a.log;"
        "for i in $(seq 1001); do echo $i > many/$i; done"
    )

    assert [(one.path, one.nfiles) for one in the_run().record.pointers] == [("many", 1001)]
    assert b"KEY" not in cached(work_tree)


@pytest.mark.parametrize("spoil", ["link", "pattern"])
def test_a_folder_whose_secret_cannot_be_kept_out_is_not_recorded(
    work_tree: Path, sh: Sh, the_run: TheRun, tmp_path: Path, spoil: str
) -> None:
    if spoil == "link":
        (tmp_path / "elsewhere").touch()
        (work_tree / ".dvcignore").symlink_to(tmp_path / "elsewhere")
    else:
        (work_tree / "out").mkdir()
        (work_tree / "out/.dvcignore").write_text("!m/.env\n")

    told = sh(f"{MODEL}; echo KEY > out/m/.env").err

    why = "'.dvcignore' is a link" if spoil == "link" else "a pattern that lets 'out/m/.env' in"
    assert "warning: 'out/m' is not recorded: 'out/m/.env' cannot be kept out of it: " in told
    assert why in told
    assert b"KEY" not in cached(work_tree)
    assert "out/m" in the_run().record.left_out[0]
