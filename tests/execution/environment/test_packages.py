"""Which Python a command uses, and what that Python has installed."""

from __future__ import annotations

import json
import os
import platform
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gitexp.execution.environment import sources
from gitexp.execution.environment.environment import UNKNOWN, Environment, Ground
from gitexp.execution.environment.packages import read_environment
from gitexp.model.packages import parse_packages

from tests.workshop import DEADLINE, NewRepository, git

BASE = Path(os.path.realpath(sys.executable))
SERIES = f"python{sys.version_info[0]}.{sys.version_info[1]}"

LISTING = """
import importlib.metadata, json, re
found = {}
for one in importlib.metadata.distributions():
    name = re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower()
    found.setdefault(name, one.version)
print(json.dumps(sorted(f"{name}=={version}" for name, version in found.items())))
"""


def listed_by(python: Path, cwd: Path, env: dict[str, str]) -> list[str]:
    """Ask a Python itself what it has installed."""
    ended = subprocess.run(
        [python, "-c", LISTING], cwd=cwd, env=env, capture_output=True, check=True
    )
    packages: list[str] = json.loads(ended.stdout)
    return packages


def pinned(environment: Environment) -> list[str]:
    """Return the packages of an environment by name and version alone."""
    return [f"{one.name}=={one.version}" for one in parse_packages(environment.packages)]


@pytest.fixture
def env() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": os.environ["HOME"]}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "state" / "interpreters.json"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def make_venv(folder: Path, *, system: bool = False) -> Path:
    """Make a virtual environment as `python -m venv` does, in a hundredth of the time."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(BASE)
    (folder / "pyvenv.cfg").write_text(
        f"home = {BASE.parent}\n"
        f"include-system-site-packages = {str(system).lower()}\n"
        f"version = {platform.python_version()}\n"
    )
    site_packages(folder).mkdir(parents=True)
    return python


def site_packages(venv: Path) -> Path:
    return venv / "lib" / SERIES / "site-packages"


def install(folder: Path, name: str, version: str, *, into: str, file: str = "METADATA") -> None:
    """Leave what an installer leaves of a package; `into` is the folder's name."""
    (folder / into).mkdir(parents=True)
    (folder / into / file).write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def write_script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_packages_are_those_that_the_venv_itself_lists(
    tmp_path: Path, empty: Path, env: dict[str, str], cache: Path
) -> None:
    venv = tmp_path / "venv"
    subprocess.run([BASE, "-m", "venv", "--without-pip", venv], check=True)
    site = site_packages(venv)
    linked = tmp_path / "src"
    install(site, "numpy", "2.1.0", into="numpy-2.1.0.dist-info")
    install(site, "torch", "2.5.1+cu124", into="torch-2.5.1+cu124.dist-info")
    install(site, "Ruamel.YAML_Clib", "0.2", into="Ruamel.YAML_Clib-0.2.dist-info")
    install(site, "local", "1.0+a.b", into="local-1.0_a.b.dist-info")
    install(site, "odd-name", "1.0rc1", into="odd-name-1.0rc1.dist-info")
    install(site, "old", "3.1", into="old-3.1-py3.11.egg-info", file="PKG-INFO")
    (site / "older-0.9.egg-info").write_text("Name: older\nVersion: 0.9\n")
    install(linked, "developed", "0.1.dev3", into="developed.egg-info", file="PKG-INFO")
    install(linked, "numpy", "1.0", into="numpy-1.0.dist-info")
    egg = site / "egg-1.5-py3.11.egg"
    install(egg, "egg", "1.5", into="EGG-INFO", file="PKG-INFO")
    (site / "developed.egg-link").write_text(f"{linked}\n.\n")
    (site / "easy-install.pth").write_text(
        f"# comment\n{linked}\nimport os\n\n./{egg.name}\n/nowhere\n"
    )

    found = read_environment(
        ["python"],
        cwd=empty,
        env={**env, "VIRTUAL_ENV": str(venv), "PATH": f"{venv}/bin:/usr/bin:/bin"},
        cache=cache,
    )

    assert found == Environment(
        (
            f"-e file://{linked}  # developed==0.1.dev3",
            "egg==1.5",
            "local==1.0+a.b",
            "numpy==2.1.0",
            "odd-name==1.0rc1",
            "old==3.1",
            "older==0.9",
            "ruamel-yaml-clib==0.2",
            "torch==2.5.1+cu124",
        ),
        platform.python_version(),
        str(venv / "bin" / "python"),
    )
    assert pinned(found) == listed_by(venv / "bin" / "python", empty, env)


def test_packages_of_the_tests_own_python_are_those_that_it_lists(
    empty: Path, env: dict[str, str], cache: Path
) -> None:
    found = read_environment([sys.executable, "train.py"], cwd=empty, env=env, cache=cache)

    assert pinned(found) == listed_by(Path(sys.executable), empty, env)
    assert found.python == platform.python_version()
    assert found.source == sys.executable


@pytest.mark.parametrize("python", ["base", "venv", "venv with system packages"])
def test_user_packages_and_pythonpath_count_where_that_python_counts_them(
    tmp_path: Path, empty: Path, env: dict[str, str], cache: Path, python: str
) -> None:
    user = Path(env["HOME"], ".local", "lib", SERIES, "site-packages")
    install(user, "users-own", "1.0", into="users_own-1.0.dist-info")
    install(tmp_path / "modules", "module", "4.0", into="module-4.0.dist-info")
    venv = make_venv(tmp_path / "venv", system="system" in python)
    program = BASE if python == "base" else venv
    env["PYTHONUSERBASE"] = str(Path(env["HOME"], ".local"))
    env["PYTHONPATH"] = f"{tmp_path / 'modules'}:"

    found = read_environment([str(program)], cwd=empty, env=env, cache=cache)

    assert pinned(found) == listed_by(program, empty, env)
    assert ("users-own==1.0" in found.packages) == (python != "venv")
    assert "module==4.0" in found.packages


def test_what_pip_could_not_remove_is_no_package(
    tmp_path: Path, empty: Path, env: dict[str, str], cache: Path
) -> None:
    python = make_venv(tmp_path / "venv")
    install(site_packages(tmp_path / "venv"), "numpy", "1.0", into="~umpy-1.0.dist-info")

    assert read_environment([str(python)], cwd=empty, env=env, cache=cache).packages == ()


COMMANDS = [
    "{used}/bin/python train.py",
    "../used/bin/python train.py",
    "env -i LR=1 {used}/bin/python train.py",
    "env PATH={used}/bin:/usr/bin python train.py",
    "LR=1 {used}/bin/python train.py",
    "nohup nice -n 5 {used}/bin/python train.py",
    "time -p timeout 10 stdbuf -o L {used}/bin/python train.py",
    "{used}/bin/python3.99 -m train",
    "{used}/bin/torchrun train.py",
    "{used}/bin/long train.py",
    "{used}/bin/relocatable train.py",
    "./run.py",
    "sh -c '{used}/bin/python train.py --lr 1 > log'",
    "bash -ec 'cd ../used && mkdir -p out; bin/python train.py | tee log'",
    "bash -c 'source ../used/bin/activate && python train.py'",
    "sh -c 'export PATH={used}/bin; exec python train.py'",
    "conda run -n used python train.py",
    "micromamba run --prefix {used} python train.py",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_python_is_the_one_that_the_command_uses(
    tmp_path: Path, env: dict[str, str], cache: Path, command: str
) -> None:
    used, active, project = tmp_path / "used", tmp_path / "active", tmp_path / "project"
    python = make_venv(used)
    (used / "bin" / "python3.99").symlink_to("python")
    write_script(used / "bin" / "torchrun", f"#!{python}\nimport torch\n")
    write_script(used / "bin" / "long", f"#!/bin/sh\n'''exec' '{python}' \"$0\" \"$@\"\n' '''\n")
    write_script(
        used / "bin" / "relocatable",
        '#!/bin/sh\n\'\'\'exec\' "$(dirname -- "$(realpath -- "$0")")"/\'python\' "$0" "$@"\n',
    )
    for program in ("torchrun", "mkdir", "tee", "dvc"):
        write_script(tmp_path / "tools" / program, "#!/bin/sh\n")
    write_script(project / "run.py", "#!/usr/bin/env -S python5 -u\n")
    write_script(project / "train.sh", "#!/bin/sh\npython train.py\n")
    (tmp_path / "tools" / "python5").symlink_to(used / "bin" / "python")
    conda = tmp_path / "conda"
    (conda / "envs").mkdir(parents=True)
    (conda / "envs" / "used").symlink_to(used)
    make_venv(active)
    env |= {
        "PATH": f"{active}/bin:{tmp_path}/tools:{env['PATH']}",
        "VIRTUAL_ENV": str(active),
        "CONDA_EXE": str(conda / "bin" / "conda"),
    }
    install(site_packages(used), "marker", "1", into="marker-1.dist-info")
    words = re.findall(r"'.*'$|\S+", command.format(used=used))

    found = read_environment([word.strip("'") for word in words], cwd=project, env=env, cache=cache)

    if command == "./run.py":
        assert found.source == str(tmp_path / "tools" / "python5")
    else:
        assert found.packages == ("marker==1",)


@pytest.mark.parametrize(
    "argv",
    [
        ["./train.sh"],
        ["make", "train"],
        ["no-such-program"],
        ["dvc", "repro"],
        ["uv", "run", "train.py"],
        ["poetry", "run", "python", "train.py"],
        ["bash", "-c", ". ../active/bin/activate; ./train.sh"],
        ["../broken/bin/python", "train.py"],
        ["bash", "train.sh"],
        ["sh", "-c", "an 'open quote"],
        ["sh", "-c"],
        ["nice", "-n"],
        ["conda", "run", "-n"],
        [""],
        [],
    ],
)
def test_no_packages_are_claimed_where_the_command_names_no_python(
    tmp_path: Path, env: dict[str, str], cache: Path, argv: list[str]
) -> None:
    project = tmp_path / "project"
    write_script(project / "train.sh", "#!/bin/sh\npython train.py\n")
    make_venv(tmp_path / "active")
    (project / ".venv").symlink_to(tmp_path / "active")
    write_script(tmp_path / "pipx" / "dvc", f"#!{make_venv(tmp_path / 'tool')}\n")
    (tmp_path / "broken" / "bin").mkdir(parents=True)
    (tmp_path / "broken" / "bin" / "python").symlink_to("/nowhere/python")
    env |= {
        "PATH": f"{tmp_path}/active/bin:{tmp_path}/pipx:{env['PATH']}",
        "VIRTUAL_ENV": str(tmp_path / "active"),
    }

    assert read_environment(argv, cwd=project, env=env, cache=cache) == UNKNOWN


@pytest.mark.parametrize("content", ["#!/bin/sh\nexit 3\n", "#!/bin/sh\necho '[]'\n", "\x7fELF\0"])
def test_a_program_that_is_no_python_but_in_name_is_passed_over(
    tmp_path: Path, empty: Path, env: dict[str, str], cache: Path, content: str
) -> None:
    write_script(tmp_path / "bin" / "python", content)
    (tmp_path / "folder" / "python3").mkdir(parents=True)

    for program in (tmp_path / "bin" / "python", tmp_path / "folder" / "python3"):
        assert read_environment([str(program)], cwd=empty, env=env, cache=cache) == UNKNOWN


def test_the_version_of_a_venv_upgraded_in_place_is_that_of_its_python(
    tmp_path: Path, empty: Path, env: dict[str, str], cache: Path
) -> None:
    python = make_venv(tmp_path / "venv")
    settings = tmp_path / "venv" / "pyvenv.cfg"
    settings.write_text(settings.read_text().replace(platform.python_version(), "3.9.1"))

    found = read_environment([str(python)], cwd=empty, env=env, cache=cache)

    assert found.python == platform.python_version()


@pytest.mark.parametrize("key", ["version", "version_info"])
def test_a_venv_whose_python_cannot_be_asked_tells_its_version_itself(
    tmp_path: Path, empty: Path, env: dict[str, str], cache: Path, key: str
) -> None:
    write_script(tmp_path / "venv" / "bin" / "python", "")
    (tmp_path / "venv" / "pyvenv.cfg").write_text(f"home = /nowhere\n{key} = 3.9.1.final.0\n")
    site = tmp_path / "venv" / "lib" / "python3.9" / "site-packages"
    install(site, "numpy", "1.26", into="numpy-1.26.dist-info")

    found = read_environment(
        [str(tmp_path / "venv" / "bin" / "python")], cwd=empty, env=env, cache=cache
    )

    assert (found.python, found.packages) == ("3.9.1", ("numpy==1.26",))


def test_a_python_is_started_once_and_then_remembered(env: dict[str, str], cache: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from gitexp.execution.environment.packages import read_environment
started = []
sys.addaudithook(lambda event, _: started.append(event) if event == "subprocess.Popen" else None)
for _ in range(3):
    read_environment([{str(BASE)!r}], cwd=Path("/"), env={env!r}, cache=Path({str(cache)!r}))
    print(len(started))
"""

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert ended.stdout.split() == [b"1", b"1", b"1"]
    assert [path.name for path in cache.parent.iterdir()] == [cache.name]


def test_a_package_installed_later_is_seen(
    tmp_path: Path, empty: Path, env: dict[str, str], cache: Path
) -> None:
    python = make_venv(tmp_path / "venv")
    before = read_environment([str(python)], cwd=empty, env=env, cache=cache)
    install(site_packages(tmp_path / "venv"), "numpy", "2.0", into="numpy-2.0.dist-info")

    after = read_environment([str(python)], cwd=empty, env=env, cache=cache)

    assert (before.packages, after.packages) == ((), ("numpy==2.0",))


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"a": 1}', "\0\xff"])
def test_a_damaged_cache_is_ignored_and_replaced(
    empty: Path, env: dict[str, str], cache: Path, content: str
) -> None:
    cache.parent.mkdir()
    cache.write_text(content, encoding="latin-1")

    found = read_environment([str(BASE)], cwd=empty, env=env, cache=cache)

    assert found.source == str(BASE)
    assert len(json.loads(cache.read_text())) >= 1


def test_an_answer_of_another_shape_in_the_cache_is_asked_for_again(
    empty: Path, env: dict[str, str], cache: Path
) -> None:
    first = read_environment([str(BASE)], cwd=empty, env=env, cache=cache)
    cache.write_text(json.dumps({key: {"version": 3} for key in json.loads(cache.read_text())}))

    assert read_environment([str(BASE)], cwd=empty, env=env, cache=cache) == first


def test_a_cache_that_cannot_be_written_does_no_harm(
    tmp_path: Path, empty: Path, env: dict[str, str]
) -> None:
    (tmp_path / "file").write_text("")

    found = read_environment([str(BASE)], cwd=empty, env=env, cache=tmp_path / "file" / "cache")

    assert found.source == str(BASE)


def test_asking_a_python_imports_nothing_of_the_project(
    tmp_path: Path, env: dict[str, str], cache: Path
) -> None:
    for name in ("json.py", "site.py", "sitecustomize.py"):
        (tmp_path / name).write_text("raise SystemExit('imported')\n")
    env["PYTHONPATH"] = str(tmp_path)

    found = read_environment([str(BASE)], cwd=tmp_path, env=env, cache=cache)

    assert found.source == str(BASE)


def test_a_shim_is_followed_to_the_python_that_it_chooses_here(
    tmp_path: Path, env: dict[str, str], cache: Path
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    pythons = {name: make_venv(tmp_path / name) for name in ("one", "another")}
    write_script(
        tmp_path / "shims" / "python",
        f'#!/bin/sh\nexec {tmp_path}/$(cat .python-version)/bin/python "$@"\n',
    )
    env["PATH"] = f"{tmp_path}/shims:{env['PATH']}"
    sources = []

    for name in pythons:
        (project / ".python-version").write_text(name)
        sources.append(read_environment(["python"], cwd=project, env=env, cache=cache).source)

    assert sources == [str(python) for python in pythons.values()]


DIRECT = [
    (
        {"url": "https://host/six-1.0.whl", "archive_info": {"hashes": {"sha256": "ab"}}},
        "six @ https://host/six-1.0.whl#sha256=ab  # six==1.0",
    ),
    (
        {"url": "https://host/six.zip", "archive_info": {"hash": "sha256=ab"}, "subdirectory": "x"},
        "six @ https://host/six.zip#sha256=ab&subdirectory=x  # six==1.0",
    ),
    (
        {
            "url": "https://me:secret@host/six.git",
            "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "main"},
        },
        "six @ git+https://host/six.git@abc  # six==1.0",
    ),
    (
        {"url": "ssh://git@host/six.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
        "six @ git+ssh://git@host/six.git@abc  # six==1.0",
    ),
    (
        {"url": "file:///srv/six%20here", "dir_info": {}},
        "six @ file:///srv/six%20here  # six==1.0",
    ),
    (
        {"url": "file:///srv/six", "dir_info": {"editable": True}},
        "-e file:///srv/six  # six==1.0",
    ),
    ({"url": 3}, "six==1.0"),
    ([], "six==1.0"),
    ("{", "six==1.0"),
]


@pytest.mark.parametrize(("direct", "line"), DIRECT)
def test_a_direct_url_is_told_apart_from_what_an_index_had(
    tmp_path: Path, empty: Path, env: dict[str, str], cache: Path, direct: object, line: str
) -> None:
    python = make_venv(tmp_path / "venv")
    site = site_packages(tmp_path / "venv")
    install(site, "six", "1.0", into="six-1.0.dist-info")
    text = direct if isinstance(direct, str) else json.dumps(direct)
    (site / "six-1.0.dist-info" / "direct_url.json").write_text(text)

    found = read_environment([str(python)], cwd=empty, env=env, cache=cache)

    assert found.packages == (line,)
    assert pinned(found) == ["six==1.0"]


def test_an_editable_install_is_its_commit_or_a_path_of_the_runs_own_tree(
    tmp_path: Path,
    env: dict[str, str],
    cache: Path,
    new_repository: NewRepository,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sources, "_PATIENCE", DEADLINE)  # for git, on a busy machine
    ours = new_repository("ours", {"lib/pyproject.toml": "", "app/train.py": ""})
    theirs = new_repository("theirs", {"setup.py": ""})
    changed = new_repository("changed", {"python/setup.py": ""})
    for other in (theirs, changed):
        git("remote", "add", "origin", "git@host:them/theirs.git", cwd=other)
    (changed / "python" / "setup.py").write_text("# edited")
    python = make_venv(tmp_path / "venv")
    site = site_packages(tmp_path / "venv")
    folders = {"ours": ours / "lib", "theirs": theirs, "changed": changed / "python"}
    for name, folder in folders.items():
        install(site, name, "1.0", into=f"{name}-1.0.dist-info")
        direct = {"url": folder.as_uri(), "dir_info": {"editable": True}}
        (site / f"{name}-1.0.dist-info" / "direct_url.json").write_text(json.dumps(direct))

    found = read_environment(
        [str(python)], cwd=ours, env=env, cache=cache, ground=Ground(ours, ours / "app")
    )

    remark = "with changes that were not committed"
    url = "git+ssh://git@host/them/theirs.git@"
    at = {one: git("rev-parse", "HEAD", cwd=one).strip() for one in (theirs, changed)}
    assert found.packages == (
        f"-e {url}{at[changed]}#egg=changed&subdirectory=python  # changed==1.0, {remark}",
        "-e ../lib  # ours==1.0",
        f"-e {url}{at[theirs]}#egg=theirs  # theirs==1.0",
    )


def test_what_conda_installed_is_listed_and_its_build_paths_are_not(
    tmp_path: Path, empty: Path, env: dict[str, str], cache: Path
) -> None:
    prefix = tmp_path / "conda"
    (prefix / "bin").mkdir(parents=True)
    site = prefix / "lib" / SERIES / "site-packages"
    install(site, "numpy", "2.1.0", into="numpy-2.1.0.dist-info")
    (site / "numpy-2.1.0.dist-info" / "INSTALLER").write_text("conda\n")
    (site / "numpy-2.1.0.dist-info" / "direct_url.json").write_text(
        json.dumps({"url": "file:///croot/numpy/dist/numpy-2.1.0.whl", "archive_info": {}})
    )
    (prefix / "conda-meta").mkdir()
    for name in ("history", "numpy-2.1.0-py311h1_0.json", "libgcc-ng-14.2.0-h77fa898_1.json"):
        (prefix / "conda-meta" / name).write_text("{}")
    answer = {"version": "3.11.7", "folders": [str(site)], "executable": str(prefix / "bin/python")}
    write_script(prefix / "bin" / "python", f"#!/bin/sh\necho '{json.dumps(answer)}'\n")

    found = read_environment([str(prefix / "bin/python")], cwd=empty, env=env, cache=cache)

    assert found.packages == (
        "numpy==2.1.0",
        "# conda: libgcc-ng=14.2.0=h77fa898_1",
        "# conda: numpy=2.1.0=py311h1_0",
    )


def test_environments_that_uv_puts_below_one_of_its_own_count(
    tmp_path: Path, empty: Path, env: dict[str, str], cache: Path
) -> None:
    """`uv run --with six` writes such a file; this is what uv 0.13 puts into it."""
    python = make_venv(tmp_path / "overlay")
    for name in ("with", "project"):
        make_venv(tmp_path / name)
        install(site_packages(tmp_path / name), name, "1.0", into=f"{name}-1.0.dist-info")
    added = "; ".join(
        f'site.addsitedir(__import__("os").fsdecode(b"{site_packages(tmp_path / name)}"))'
        for name in ("with", "project")
    )
    (site_packages(tmp_path / "overlay") / "_uv_ephemeral_overlay.pth").write_text(
        f"import site; {added}"
    )

    found = read_environment([str(python)], cwd=empty, env=env, cache=cache)

    assert found.packages == ("project==1.0", "with==1.0")
    assert pinned(found) == listed_by(python, empty, env)
