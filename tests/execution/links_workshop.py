"""A repository with a link of each kind for each use, recorded, applied and handed over once.

What is seen of it is put into the words of the tables in docs/explanation/links.md.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gitexp.cli.main import main

from tests.workshop import commit_all, dvc, git, write

KINDS = {
    "to a file in the project": "file",
    "elsewhere in the repository": "elsewhere",
    "outside of it": "outside",
    "outside, ignored by git": "own",
    "to a folder": "folder",
    "dangling": "dangling",
    "loop": "loop",
    "hard link": "hard",
    "into DVC's cache": "cache",
}
ROLES = {"params": "p.yaml", "metrics": "m.json", "model": "w.pt", "data": "d.csv", "code": "c.py"}
_WRITTEN = ("metrics", "model")
_LEADS_NOWHERE = ("dangling", "loop")


def name_of(kind: str, role: str) -> str:
    """Return what is asked for, by its path in the project; of a linked folder, a file in it."""
    return f"{role}-folder/{ROLES[role]}" if kind == "folder" else f"{kind}-{ROLES[role]}"


def link_of(kind: str, role: str) -> str:
    """Return the link itself."""
    return name_of(kind, role).partition("/")[0]


def content_of(kind: str, role: str) -> str:
    """Return what the file holds at the end of a run, as no other file does."""
    if role == "params":
        return f"kind: {kind}\n"
    return f'{{"kind": "{kind}"}}\n' if role == "metrics" else f"# {role}, {kind}\n"


class LinkCase:
    """The repository, in a folder of its own, and what became of it."""

    def __init__(self, place: Path) -> None:
        self.top = place / "work"
        self.root = self.top / "proj"
        self._outside = place / "scratch"
        self._got = place / "got"
        self._make()
        self._told = {
            "work tree": self._gitexp("run", "-n", "here", "--", "sh", "train.sh"),
            "--temp": self._gitexp("run", "-n", "copy", "--temp", "--", "sh", "train.sh"),
        }
        self._runs = {"work tree": "experiments~1", "--temp": "experiments"}
        self._records = {where: self._record(rev) for where, rev in self._runs.items()}
        self._trees = {where: self._tree(rev) for where, rev in self._runs.items()}
        self._got.mkdir()
        self._gets = {
            name: main(["-C", str(self.root), "get", "here", name, "-o", str(self._place_of(name))])
            for name in (name_of(kind, role) for kind in KINDS.values() for role in ROLES)
        }
        self._apply()

    def seen(self, where: str, kind: str, role: str) -> str:
        """Return what is seen of one file, in the words of the table."""
        look = {"apply": self._applied, "get": self._handed_over}.get(where)
        words = look(kind, role) if look else self._recorded(where, kind, role)
        return ", ".join(words) or "–"

    def _recorded(self, where: str, kind: str, role: str) -> Iterator[str]:
        record, tree = self._records[where], self._trees[where]
        name, link = name_of(kind, role), link_of(kind, role)
        if record.get(role, {}).get(name) == {"kind": kind}:
            yield "values"
        if self._holds_content(record, tree, kind, role):
            yield "content"
        if tree.get(f"proj/{link}", ("", ""))[0] == "120000":
            yield "link"
        notes = self._told[where].splitlines()
        if any(f"'{name}'" in line or f"'{link}'" in line for line in notes):
            yield "note"

    def _holds_content(
        self, record: Any, tree: dict[str, tuple[str, str]], kind: str, role: str
    ) -> bool:
        content = content_of(kind, role).encode()
        blob = hashlib.sha1(b"blob %d\0%s" % (len(content), content)).hexdigest()
        md5 = hashlib.md5(content).hexdigest()
        folder = f"{hashlib.md5(self._listed(md5, role)).hexdigest()}.dir"
        return any(mode != "120000" and oid == blob for mode, oid in tree.values()) or any(
            one["md5"] in (md5, folder) for one in record["pointers"]
        )

    @staticmethod
    def _listed(md5: str, role: str) -> bytes:
        """Return DVC's list of a folder with one file."""
        return json.dumps([{"md5": md5, "relpath": ROLES[role]}]).encode()

    def _applied(self, kind: str, role: str) -> Iterator[str]:
        file, link = self.root / name_of(kind, role), self.root / link_of(kind, role)
        if link.is_symlink():
            yield "link"
        if self._reads(file) == content_of(kind, role):
            yield "content"

    def _handed_over(self, kind: str, role: str) -> Iterator[str]:
        name = name_of(kind, role)
        if self._gets[name] != 0:
            return
        if self._place_of(name).is_symlink():
            yield "link"
        elif self._reads(self._place_of(name)) == content_of(kind, role):
            yield "content"

    def _place_of(self, name: str) -> Path:
        return self._got / name.replace("/", "-")

    @staticmethod
    def _reads(file: Path) -> str | None:
        try:
            return file.read_text()
        except OSError:
            return None

    def _gitexp(self, *args: str) -> str:
        ended = subprocess.run(
            ["gitexp", *args], cwd=self.root, capture_output=True, text=True, check=False
        )
        is_fine = ended.returncode == 0 or "is missing" in ended.stderr  # data that leads nowhere
        assert is_fine, ended.stderr
        return ended.stderr

    def _record(self, rev: str) -> Any:
        return json.loads(git("show", f"{rev}:proj/.gitexp/run.json", cwd=self.top))

    def _tree(self, rev: str) -> dict[str, tuple[str, str]]:
        lines = git("ls-tree", "-r", rev, cwd=self.top).splitlines()
        heads = {line.partition("\t")[2]: line.split() for line in lines}
        return {path: (mode, oid) for path, (mode, _, oid, *_) in heads.items()}

    def _apply(self) -> None:
        """Bring a run into a work tree of which only the settings and the cache are left."""
        shutil.rmtree(self.top / "common")
        for path in self.root.iterdir():
            if path.name not in (".dvc", "gitexp.yaml", ".gitignore"):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        self._gitexp("apply", "--force", "here")

    def _make(self) -> None:
        """Make the repository; links and pointers as a person and DVC would make them."""
        self.root.mkdir(parents=True)
        git("init", "--quiet", self.top)
        names = {role: [name_of(kind, role) for kind in KINDS.values()] for role in ROLES}
        settings = {role: names[role] for role in ("params", "metrics")}
        write(self.root, {"gitexp.yaml": json.dumps(settings)})
        dvc("init", "--quiet", "--subdir", cwd=self.root)
        lines = ["mkdir -p real/folder-w.pt; touch real/hard-w.pt; ln -f real/hard-w.pt hard-w.pt"]
        lines += [
            f"printf '%s\\n' '{content_of(kind, role).strip()}' > {name_of(kind, role)} || true"
            for kind in KINDS.values()
            for role in _WRITTEN
            if kind not in _LEADS_NOWHERE
        ]
        write(self.root, {"train.sh": "\n".join(lines)})
        for kind in KINDS.values():
            for role in ROLES:
                self._link(kind, role)
        ignored = [f"/{name}\n" for name in (*names["data"], *self._own(), "data-folder")]
        write(self.root, {".gitignore": "".join(ignored)})
        self._point()
        commit_all(self.top)

    @staticmethod
    def _own() -> list[str]:
        """Return the links that git ignores, as it does those that DVC makes."""
        return [link_of(kind, role) for kind in ("own", "cache") for role in ROLES]

    def _link(self, kind: str, role: str) -> None:
        link, file = self.root / link_of(kind, role), ROLES[role]
        before = "{}\n" if role in _WRITTEN else content_of(kind, role)
        digest = hashlib.md5(before.encode()).hexdigest()
        target = {
            "elsewhere": self.top / "common" / f"there-{file}",
            "outside": self._outside / f"outside-{file}",
            "own": self._outside / f"own-{file}",
            "cache": self.root / ".dvc/cache/files/md5" / digest[:2] / digest[2:],
        }.get(kind, self.root / "real" / f"{kind}-{file}")
        held = target / file if kind == "folder" else target
        held.parent.mkdir(parents=True, exist_ok=True)
        if kind == "loop":
            target.symlink_to(os.path.relpath(link, target.parent))
        elif kind != "dangling" and role != "model":
            held.write_text(before)
        if kind == "hard" and role == "model":
            return  # the command makes it
        if kind == "hard":
            link.hardlink_to(target)
        else:
            inside = target.is_relative_to(self.top)
            link.symlink_to(os.path.relpath(target, link.parent) if inside else target)

    def _point(self) -> None:
        """Write the pointers of the data, as `dvc add` writes them."""
        for kind in KINDS.values():
            content, path = content_of(kind, "data").encode(), link_of(kind, "data")
            md5 = hashlib.md5(content).hexdigest()
            if kind == "folder":
                md5 = f"{hashlib.md5(self._listed(md5, 'data')).hexdigest()}.dir"
            write(self.root, {f"{path}.dvc": f"outs:\n- md5: {md5}\n  hash: md5\n  path: {path}\n"})
