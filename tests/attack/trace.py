"""Call every command as a program in the clone of a hostile repository, and say what was started.

    python -m tests.attack.trace [FOLDER]

strace has to be installed. It prints the programs that were started, the files outside of the
clone that were written, and whether there is a canary; the exit code is 1 if something is odd.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests import workshop
from tests.attack import hostile
from tests.attack.calls import CALLS

_EXPECTED = re.compile(
    r"python[\d.]*|git[\w-]*|gitexp|sh|basename|sed|cat|test|uname|ssh|less|bash"
)
"""What gitexp and git start, for themselves."""
_WRITTEN = re.compile(r'openat\(AT_FDCWD[^,]*, "([^"]+)", [^)]*O_(?:WR\w+|RDWR)[^)]*O_CREAT')
_STARTED = re.compile(r'execve\("([^"]+)", .* = 0$')


def main(base: Path) -> int:
    """Do it in a folder, and return the exit code."""
    places = hostile.build(base)
    env = workshop.sealed(base / "home")
    del env["DVC_SITE_CACHE_DIR"]
    work, traces = base / "work", base / "traces"
    traces.mkdir()
    subprocess.run(["git", "clone", "-q", places.hub, work], check=True, env=env)
    after = [("git", *words.split()) for words in _GIT]
    for number, words in enumerate([*(("gitexp", *call) for call in CALLS[:-1]), *after]):
        trace = ("strace", "-f", "-qq", "-s", "400", "-e", "trace=execve,openat")
        subprocess.run(
            [*trace, "-o", traces / f"{number:03}", *words],
            cwd=work,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
    lines = [
        line
        for file in sorted(traces.iterdir())
        for line in file.read_text(errors="replace").splitlines()
    ]
    started = Counter(found[1] for line in lines if (found := _STARTED.search(line)))
    written = {found[1] for line in lines if (found := _WRITTEN.search(line))}
    own = (str(work), str(base / "home"), str(places.hub), "/dev/", "/tmp/gitexp-", "/tmp/tmp")
    outside = sorted(path for path in written if path.startswith("/") and not path.startswith(own))
    ours = {name for name in started if name.removeprefix(f"{work}/").startswith(".git/hooks/")}
    odd = [one for one in started if not _EXPECTED.fullmatch(Path(one).name) and one not in ours]
    for path, times in sorted(started.items()):
        sys.stdout.write(f"started {times:5} {path}\n")
    for path in outside:
        sys.stdout.write(f"written       {path}\n")
    left = [str(one) for one in (places.canary, work / "canary") if one.exists()]
    sys.stdout.write(f"canaries: {left or 'none'}; odd programs: {odd or 'none'}\n")
    strange = [path for path in outside if path.startswith(str(places.outside))]
    return 1 if left or odd or strange else 0


_GIT = (
    "diff HEAD",
    "log -p --all",
    "add --all",
    "commit -m work",
    "switch new",
    "merge origin/change",
    "rebase main",
    "push origin HEAD:refs/heads/mine",
)
"""With hooks and drivers in place."""

if __name__ == "__main__":
    place = Path(sys.argv[1]) if sys.argv[1:] else Path(tempfile.mkdtemp(prefix="attack-"))
    place.mkdir(exist_ok=True)
    code = main(place.resolve())
    if not sys.argv[1:]:
        shutil.rmtree(place)
    sys.exit(code)
