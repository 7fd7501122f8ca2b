"""`gitexp env`: the environment of a run, printed and made again; no index is asked."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Protocol

import pytest

from gitexp.git.repository import Repository
from gitexp.model.record import Exit, Inputs, RunRecord

from tests.execution.environment.test_packages import (
    install,
    make_venv,
    site_packages,
    write_script,
)
from tests.recorded import put_run
from tests.workshop import Gitexp, commit_all, git, write

BACKEND = """
import zipfile
from pathlib import Path

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "lib-0.1-py3-none-any.whl"
    info = "lib-0.1.dist-info"
    with zipfile.ZipFile(Path(folder, name), "w") as wheel:
        wheel.writestr("lib.pth", str(Path.cwd()))
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: lib\\nVersion: 0.1\\n")
        head = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
        wheel.writestr(f"{info}/WHEEL", head)
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""
LIBRARY = {
    "lib/pyproject.toml": (
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    ),
    "lib/backend.py": BACKEND,
    "lib/ours.py": "NUMBER = 3\n",
}


def make_wheel(folder: Path, name: str, version: str) -> Path:
    """Make a wheel with one module, which says its version."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    head = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", f"VERSION = '{version}'\n")
        wheel.writestr(f"{info}/METADATA", about)
        wheel.writestr(f"{info}/WHEEL", head)
        wheel.writestr(f"{info}/RECORD", "")
    return path


class Record(Protocol):
    """Put a run of the code at HEAD onto the branch."""

    def __call__(
        self, name: str, run_id: str, *, packages: str = "numpy==2.0\n", **fields: object
    ) -> None: ...


@pytest.fixture
def record(repository: Repository, tmp_path: Path) -> Record:
    """Put a run of the code at HEAD onto the branch: `record("name", "id", packages="")`."""

    def put(name: str, run_id: str, *, packages: str = "numpy==2.0\n", **fields: object) -> None:
        known: dict[str, object] = {
            "status": "done",
            "exit": Exit(0),
            "command": ("python", "train.py"),
            "baseline": repository.objects.commit("HEAD"),
            "inputs": Inputs("c" * 40),
            "started": "2025-01-02T03:04:05.000Z",
            "ended": "2025-01-02T03:04:10.000Z",
            "python": "3.11.7",
        }
        run = RunRecord(run_id, name, **{**known, **fields})  # type: ignore[arg-type]  # real fields
        put_run(repository, run, tmp_path, files={".gitexp/environment.txt": packages.encode()})

    return put


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the folder that pip looks for packages in, instead of an index; uv is not there."""
    folder = tmp_path / "wheels"
    for name in ("PIP_CONFIG_FILE", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    make_wheel(folder, "right", "2.0")
    make_wheel(folder, "build", "1.0+cpu")
    make_wheel(tmp_path / "elsewhere", "left", "1.0")
    return folder


def versions(python: Path, *modules: str) -> list[str]:
    """Ask a Python which versions it imports."""
    text = f"import {', '.join(modules)}; print({', '.join(f'{one}.VERSION' for one in modules)})"
    ended = subprocess.run([python, "-c", text], capture_output=True, text=True, check=True)
    return ended.stdout.split()


def installing(what: str, folder: Path, tool: str = "pip") -> str:
    """Return what is said before something that takes minutes."""
    return f"installing {what} with {tool} into {folder}; this may take a while\n"


HEAD = f"""\
# environment of run 'one' (aaaaaaaaaa)
# Python {platform.python_version()}, Linux-6.1-x86_64
"""


@pytest.mark.usefixtures("wheels")
def test_what_a_run_had_is_made_again(work_tree: Path, tmp_path: Path, gitexp: Gitexp) -> None:
    write(work_tree, {**LIBRARY, "train.py": "import time; time.sleep(1)\n"})
    commit_all(work_tree)
    used = tmp_path / "used"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", used], check=True)  # 3 s less
    left = tmp_path / "elsewhere" / "left-1.0-py3-none-any.whl"
    words = ["install", "-q", "right", "build", str(left), "-e", str(work_tree / "lib")]
    pip = [sys.executable, "-m", "pip", "--python", str(used / "bin" / "python")]
    subprocess.run([*pip, *words], check=True)
    assert gitexp("run", "-n", "one", "--", str(used / "bin" / "python"), "train.py").code == 0
    digest = hashlib.sha256(left.read_bytes()).hexdigest()

    printed = gitexp("env", "one").out.splitlines()

    assert printed[2:6] == [
        "# paths are from the project's folder",
        "build==1.0+cpu  # a local version: from an index of its own",
        f"left @ {left.as_uri()}#sha256={digest}  # left==1.0",
        "-e ./lib  # lib==0.1",
    ]
    assert "right==2.0" in printed

    code, out, err = gitexp("env", "one", "--create", "made")

    assert (code, out) == (0, "made/bin/python\n")
    assert err == installing(f"{len(printed) - 3} packages", work_tree / "made")
    python = work_tree / "made" / "bin" / "python"
    assert versions(python, "left", "right", "build") == ["1.0", "2.0", "1.0+cpu"]
    text = "import ours; print(ours.__file__)"
    ended = subprocess.run([python, "-c", text], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == str(work_tree / "lib" / "ours.py")


def test_what_cannot_be_installed_again_is_named(
    record: Record, tmp_path: Path, gitexp: Gitexp
) -> None:
    wheel = make_wheel(tmp_path, "left", "1.0")
    lines = (
        f"left @ {wheel.as_uri()}#sha256={'0' * 64}  # left==1.0",
        "lost @ file:///nowhere/lost  # lost==1.0",
        "-e ./gone  # ours==0.1",
        "outside @ ../../outside  # outside==1.0",
        "right==2.0",
        "--index-url==http://elsewhere",
        "-e --config-settings=x  # odd==1.0",
        "# conda: mkl=2024.0=h1_2",
        "# conda: --file=x=y",
    )
    record(
        "one",
        "aaaaaaaaaa",
        packages="".join(f"{line}\n" for line in lines),
        python=platform.python_version(),
        platform="Linux-6.1-x86_64",
    )

    assert gitexp("env", "one").out == HEAD + (
        "# paths are from the project's folder\n"
        "right==2.0\n"
        "# cannot be installed again:\n"
        f"#   {lines[0]}: the file has changed since\n"
        f"#   {lines[1]}: a path that is not on this machine\n"
        f"#   {lines[2]}: its folder is not there any more\n"
        f"#   {lines[3]}: its path leads out of the repository\n"
        "# conda: mkl=2024.0=h1_2\n"
    )


@pytest.mark.usefixtures("wheels")
def test_what_cannot_be_installed_is_left_out_with_a_warning(
    record: Record, tmp_path: Path, gitexp: Gitexp
) -> None:
    packages = "lost @ file:///nowhere/lost  # lost==1.0\nright==2.0\n# conda: mkl=2024.0=h1_2\n"
    record("one", "aaaaaaaaaa", packages=packages, python=platform.python_version())

    code, out, err = gitexp("env", "one", "--create", tmp_path / "made")

    assert (code, out) == (0, f"{tmp_path}/made/bin/python\n")
    assert err == (
        "warning: 1 package of conda cannot be installed without micromamba, mamba or conda; "
        "Python packages are installed by pip's means\n"
        "warning: 'lost @ file:///nowhere/lost  # lost==1.0' cannot be installed again: "
        "a path that is not on this machine\n" + installing("1 package", tmp_path / "made")
    )
    assert versions(tmp_path / "made" / "bin" / "python", "right") == ["2.0"]


@pytest.mark.usefixtures("wheels")
def test_an_installer_that_fails_leaves_nothing_and_its_last_words(
    record: Record, tmp_path: Path, gitexp: Gitexp
) -> None:
    record("one", "aaaaaaaaaa", packages="right==3.0+cpu\n", python=platform.python_version())
    (tmp_path / "empty").mkdir()

    for place in ("made", "empty"):
        code, out, err = gitexp("env", "one", "--create", tmp_path / place)

        assert (code, out) == (2, "")
        began = installing("1 package", tmp_path / place)
        assert err.startswith(f"{began}error: 'pip install' failed:\n  ")
        assert "ERROR: No matching distribution found for right==3.0+cpu\n" in err
        assert err.endswith(
            "hint: 'right==3.0+cpu' is a local version; the index that has it is named by "
            "`PIP_EXTRA_INDEX_URL`, for uv by `UV_INDEX`.\n"
        )
    assert not (tmp_path / "made").exists()
    assert list((tmp_path / "empty").iterdir()) == []


def test_runs_without_an_environment(record: Record, tmp_path: Path, gitexp: Gitexp) -> None:
    made = str(tmp_path / "made")
    record("seen", "aaaaaaaaaa", packages="", python=None)
    record("saved", "bbbbbbbbbb", packages="", python=None, command=())
    record("other", "cccccccccc", packages="", python=None, extra={"imported": {"from": "dvc"}})

    for name, why in (
        ("seen", "Its command used no Python, or none that could be seen."),
        (
            "saved",
            "It was recorded by `gitexp save`, which runs nothing; `gitexp run` records one.",
        ),
        (
            "other",
            "It was imported, and the tool that it comes from does not keep environments.",
        ),
    ):
        expected = f"error: run '{name}' has no environment recorded\nhint: {why}\n"
        assert gitexp("env", name) == (2, "", expected)
        assert gitexp("env", name, "--create", made) == (2, "", expected)


def test_a_folder_that_is_not_empty_and_a_python_that_is_not_there(
    record: Record, work_tree: Path, tmp_path: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    record("old", "aaaaaaaaaa", python="3.1.4")
    (tmp_path / "file").touch()
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")

    assert gitexp("env", "old", "--create", work_tree) == (
        2,
        "",
        f"error: '{work_tree}' is not empty\nhint: Name a new folder, or an empty one.\n",
    )
    assert gitexp("env", "old", "--create", tmp_path / "file").err.startswith(
        f"error: '{tmp_path}/file' is not a folder\n"
    )
    assert gitexp("env", "old", "--create", tmp_path / "made").err == (
        "error: there is no Python 3.1.4 here, nor another 3.1\n"
        "hint: Install Python 3.1, or name one that will do with `--python PATH`.\n"
    )
    assert gitexp("env", "old", "--create", tmp_path / "made", "--python", "/bin/true") == (
        2,
        "",
        "error: '/bin/true' is not a working Python\n",
    )
    assert gitexp("env", "old", "--no-lock").err == (
        "error: nothing is made\nhint: `--create DIR` says where.\n"
    )
    assert not (tmp_path / "made").exists()


@pytest.mark.usefixtures("wheels")
def test_a_record_starts_no_program_that_is_not_a_python(
    record: Record, work_tree: Path, tmp_path: Path, gitexp: Gitexp
) -> None:
    started = work_tree / "started"
    for name in ("python", "program"):
        place = work_tree / name
        place.write_text(f"#!/bin/sh\ntouch {started}\n")
        place.chmod(0o755)
    version = platform.python_version()
    record("near", "aaaaaaaaaa", packages="", python=version, environment="./python")
    record("other", "bbbbbbbbbb", packages="", python=version, environment=f"{work_tree}/program")
    record("far", "cccccccccc", packages="", python=f"../../..{work_tree}")

    codes = [gitexp("env", name, "--create", tmp_path / name).code for name in ("near", "other")]
    far = gitexp("env", "far", "--create", tmp_path / "far")

    assert codes == [0, 0]
    assert far.err.startswith(f"error: '../../..{work_tree}', which the run names, is no version")
    assert not started.exists()


@pytest.mark.usefixtures("wheels")
def test_another_python_is_used_if_it_is_named_or_only_its_patch_level_differs(
    record: Record, tmp_path: Path, gitexp: Gitexp
) -> None:
    here = platform.python_version()
    series = ".".join(here.split(".")[:2])
    record("old", "aaaaaaaaaa", packages="right==2.0\n", python="3.1.4")
    record("patch", "bbbbbbbbbb", packages="right==2.0\n", python=f"{series}.99")

    named = gitexp("env", "old", "--create", tmp_path / "old", "--python", sys.executable)
    found = gitexp("env", "patch", "--create", tmp_path / "patch")

    assert named.err == (
        f"warning: '{sys.executable}' is Python {here}, not 3.1.4\n"
        + installing("1 package", tmp_path / "old")
    )
    assert found.err.startswith(f"warning: there is no Python {series}.99 here; {series}.")
    assert versions(tmp_path / "patch" / "bin" / "python", "right") == ["2.0"]


STANDS_FOR = """#!/bin/sh
# stands for a tool that makes an environment of a lock file, at $place
echo "$(basename "$0") $*" >> {log}
{place}
{python} -m venv --without-pip "$place"
info=$(echo "$place"/lib/python3*/site-packages)/locked-1.0.dist-info
mkdir "$info"
printf 'Metadata-Version: 2.1\\nName: locked\\nVersion: 1.0\\n' > "$info/METADATA"
"""
CONDA_LINE = "# conda: locked=1.0=0\n"
TOOLS = {
    "poetry": ("poetry.lock", "place=$VIRTUAL_ENV", ""),
    "pixi": ("pixi.lock", "place=.pixi/envs/default", CONDA_LINE),
    "conda-lock": ("conda-lock.yml", "place=$3", CONDA_LINE),
    "micromamba": ("environment.yml", "place=$4", CONDA_LINE),
    "conda": ("environment.yml", "place=$4", CONDA_LINE),
}
CALLS = {
    "poetry": "poetry install --no-root --no-interaction",
    "pixi": "pixi install --frozen",
    "conda-lock": "conda-lock install --prefix {made} conda-lock.yml",
    "micromamba": "micromamba create --yes --prefix {made} --file environment.yml",
    "conda": "conda env create --prefix {made} --file environment.yml",
}


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.usefixtures("wheels")
def test_a_lock_file_is_used_first_and_the_rest_is_installed_over_it(
    record: Record,
    work_tree: Path,
    tmp_path: Path,
    gitexp: Gitexp,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
) -> None:
    name, place, conda = TOOLS[tool]
    write(work_tree, {name: "", "pixi.toml": ""})
    commit_all(work_tree)
    log, made = tmp_path / "log", tmp_path / "made"
    script = STANDS_FOR.format(log=log, place=place, python=sys.executable)
    write_script(tmp_path / "tools" / tool, script)
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:{os.environ['PATH']}")
    more = "right==2.0\n" if tool == "poetry" else ""  # once is enough: it takes a while
    packages = f"locked==1.0\n{more}{conda}"
    record("one", "aaaaaaaaaa", packages=packages, python=platform.python_version())

    code, out, err = gitexp("env", "one", "--create", made)

    assert code == 0
    rest = installing("1 package", made) if more else ""
    assert err == installing(f"'{name}'", made, tool) + rest
    python = Path(out.strip())
    assert log.read_text() == CALLS[tool].format(made=made) + "\n"
    assert python.is_relative_to(made)
    assert python.exists()
    if more:
        assert versions(python, "right") == ["2.0"]


@pytest.mark.usefixtures("wheels")
def test_a_lock_file_is_passed_over_without_its_tool_and_if_it_fails(
    record: Record,
    work_tree: Path,
    tmp_path: Path,
    gitexp: Gitexp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(work_tree, {"uv.lock": "", "poetry.lock": "", "environment.yml": ""})
    commit_all(work_tree)
    write_script(tmp_path / "tools" / "poetry", "#!/bin/sh\necho no route to host >&2; exit 1\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:{os.environ['PATH']}")
    record("one", "aaaaaaaaaa", packages="right==2.0\n", python=platform.python_version())

    code, _, err = gitexp("env", "one", "--create", tmp_path / "made")

    assert code == 0
    assert err == (
        "warning: 'uv.lock' needs uv, which is not installed; the packages that the run recorded "
        "are used\n"
        + installing("'poetry.lock'", tmp_path / "made", "poetry")
        + "warning: 'poetry.lock' is of no use here: 'poetry install' failed:\n"
        "  no route to host\n"
        "note: 'environment.yml' is left aside: the run's Python was not conda's\n"
        + installing("1 package", tmp_path / "made")
    )
    assert versions(tmp_path / "made" / "bin" / "python", "right") == ["2.0"]

    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    quiet = gitexp("env", "one", "--create", tmp_path / "again", "--no-lock")

    began = installing("1 package", tmp_path / "again")
    assert quiet.err.startswith(f"{began}error: 'pip install' failed:\n")


@pytest.mark.usefixtures("wheels")
def test_what_conda_had_is_made_by_conda_where_there_is_no_lock_file(
    record: Record,
    tmp_path: Path,
    gitexp: Gitexp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = tmp_path / "log"
    script = STANDS_FOR.format(log=log, place="place=$4", python=sys.executable)
    write_script(tmp_path / "tools" / "mamba", script)
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:{os.environ['PATH']}")
    packages = "locked==1.0\n# conda: locked=1.0=0\n# conda: mkl=2024.0=h1_2\n"
    record("one", "aaaaaaaaaa", packages=packages, python=platform.python_version())

    made = tmp_path / "made"
    began = installing("2 packages", made, "mamba")
    assert gitexp("env", "one", "--create", made).err == began

    words = f"mamba create --yes --prefix {tmp_path / 'made'} locked=1.0=0 mkl=2024.0=h1_2\n"
    assert log.read_text() == words


@pytest.mark.usefixtures("wheels")
def test_what_is_another_version_after_all_is_said(
    record: Record,
    work_tree: Path,
    tmp_path: Path,
    gitexp: Gitexp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(work_tree, {"poetry.lock": ""})
    commit_all(work_tree)
    script = STANDS_FOR.format(
        log=tmp_path / "log", place="place=$VIRTUAL_ENV", python=sys.executable
    )
    write_script(tmp_path / "tools" / "poetry", script)
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:{os.environ['PATH']}")
    packages = "locked @ file:///nowhere/locked  # locked==2.0\n"
    record("one", "aaaaaaaaaa", packages=packages, python=platform.python_version())
    record("two", "bbbbbbbbbb", packages="", python=platform.python_version())

    assert gitexp("env", "one", "--create", tmp_path / "one").err.endswith(
        "warning: 'locked' is 1.0, not 2.0\n"
    )
    assert gitexp("env", "two", "--create", tmp_path / "two").err == (
        installing("'poetry.lock'", tmp_path / "two", "poetry")
        + "warning: 'locked' is there, which the run did not have\n"
    )


@pytest.mark.usefixtures("wheels")
def test_uv_makes_it_where_it_is_installed(
    record: Record, tmp_path: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script stands for uv and takes its words."""
    log = tmp_path / "log"
    write_script(
        tmp_path / "tools" / "uv",
        f'#!/bin/sh\necho "$1 $2" >> {log}\n'
        f'[ "$1" = venv ] && exec {sys.executable} -m venv --without-pip "$6"\n'
        '[ "$2" = find ] && exit 1\n'
        f'exec {sys.executable} -m pip --python "$7" install --no-deps -r "$5"\n',
    )
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:{os.environ['PATH']}")
    record("one", "aaaaaaaaaa", packages="right==2.0\n", python=platform.python_version())

    ended = gitexp("env", "one", "--create", tmp_path / "made")

    assert (ended.code, ended.err) == (0, installing("1 package", tmp_path / "made", "uv"))
    assert log.read_text().splitlines()[-2:] == ["venv --quiet", "pip install"]


def test_a_run_is_shown_without_an_environment_that_nobody_knows(
    record: Record, gitexp: Gitexp
) -> None:
    record("unknown", "aaaaaaaaaa", packages="", python=None)
    record("known", "bbbbbbbbbb", packages="numpy==2.0\n-e ./lib  # lib==0.1\n")

    shown = json.loads(gitexp("show", "known", "--json").out)
    differs = json.loads(gitexp("diff", "unknown", "known", "--json").out)

    assert shown["packages"]["lib"] == "0.1 @ ./lib (editable)"
    assert differs["environment"] == {}


@pytest.mark.usefixtures("wheels")
def test_a_python_of_the_runs_version_is_its_own_if_that_is_there(
    record: Record, tmp_path: Path, gitexp: Gitexp
) -> None:
    used = make_venv(tmp_path / "used")
    install(site_packages(tmp_path / "used"), "odd", "1.0", into="odd-1.0.dist-info")
    version = platform.python_version()
    record("one", "aaaaaaaaaa", packages="", python=version, environment=str(used))

    assert gitexp("env", "one", "--create", tmp_path / "made").err == ""

    settings = (tmp_path / "made" / "pyvenv.cfg").read_text()
    assert str(Path(os.path.realpath(sys.executable)).parent) in settings
    assert git("status", "--porcelain") == ""
