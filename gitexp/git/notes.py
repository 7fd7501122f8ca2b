"""Notes on objects, read and written as git lays them out, many at a time.

Git spreads notes over folders as they grow (`ab/cd…`), at times unevenly, and rewrites the
layout as it likes. So a note is looked for at each depth, and two on one object are one.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping

from gitexp.git.damage import OBJECTS_HINT, Damaged
from gitexp.git.failing import GitCommandFailed
from gitexp.git.locked import once_free
from gitexp.git.refs import ABSENT, Move, RefMoved, move
from gitexp.git.repository import Repository
from gitexp.git.signing import commit_signed, wants_signature
from gitexp.git.trees import TREE_MODE, Entry, parsed_tree
from gitexp.model.lazy_pattern import lazy_pattern

_FILE_MODE = "100644"
_MOST_IN_FOLDER = 256
"""How many notes a folder may hold before it is spread over folders."""

_OID = lazy_pattern(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FOLDER = lazy_pattern(r"[0-9a-f]{2}")

Blobs = tuple[str, ...]


def changed_notes(
    repository: Repository, old: str | None, new: str | None
) -> dict[str, tuple[Blobs, Blobs]]:
    """Return the objects whose notes differ, each with the oids of its old and new ones.

    The time depends on what has changed, not on how much there is. None stands for no notes at all.
    """
    if old is not None and new is not None:
        listed = repository.git("diff-tree", "-r", "-z", "--raw", "--no-renames", old, new, "--")
        found = _of_diff(listed)
    elif (only := new or old) is not None:
        found = _of_tree(repository.git("ls-tree", "-r", "-z", "--full-tree", only), only == new)
    else:
        return {}
    sides: dict[str, tuple[list[str], list[str]]] = {}
    for path, is_new, blob in found:
        annotated = path.replace("/", "")
        if _OID.fullmatch(annotated):
            sides.setdefault(annotated, ([], []))[is_new].append(blob)
    return {  # a note that only went to another folder is the same one
        annotated: (tuple(before), tuple(after))
        for annotated, (before, after) in sides.items()
        if Counter(before) != Counter(after)
    }


def _of_diff(listed: bytes) -> Iterator[tuple[str, bool, str]]:
    fields = os.fsdecode(listed).split("\0")[:-1]
    for head, path in zip(fields[::2], fields[1::2], strict=True):
        _, _, before, after, _ = head.split(" ")
        for is_new, blob in ((False, before), (True, after)):
            if blob.strip("0"):
                yield path, is_new, blob


def _of_tree(listed: bytes, is_new: bool) -> Iterator[tuple[str, bool, str]]:
    for line in os.fsdecode(listed).split("\0")[:-1]:
        head, _, path = line.partition("\t")
        yield path, is_new, head.rpartition(" ")[2]


def notes_that_hold(repository: Repository, tip: str, texts: list[str]) -> set[str]:
    """Return the objects on which some note holds one of the texts."""
    asked = "".join(f"{text}\n" for text in texts).encode()
    options = ("--fixed-strings", "--text", "--files-with-matches", "-z", "--full-name")
    command = ("grep", "--no-recurse-submodules", *options, "-f", "-", tip, "--")
    listed = os.fsdecode(repository.attempt(*command, stdin=asked).stdout).split("\0")[:-1]
    return {path.partition(":")[2].replace("/", "") for path in listed}


class NotesTree:
    """The notes that a commit of a notes ref holds; folders are read as they are asked for."""

    def __init__(self, repository: Repository, ref: str, tip: str | None) -> None:
        self._repository = repository
        self._ref = ref
        self._tip = tip
        self._folders: dict[str, dict[str, Entry]] = {}

    def read(self, annotated: str) -> bytes:
        """Return the note on an object, whole lines of it; nothing without one."""
        blobs = [blob for _, blob in self._places(annotated)]
        contents = [self._repository.objects.blob(blob) for blob in blobs]
        if None in contents:  # who writes the note anew would leave out what it said
            raise Damaged(f"git cannot read the note on {annotated[:10]}", OBJECTS_HINT)
        texts = [text for text in contents if text]
        return b"".join(text if text.endswith(b"\n") else text + b"\n" for text in texts)

    def has_notes_alone(self) -> bool:
        """Return whether nothing but notes and folders of them is at the top."""
        return all(
            _OID.fullmatch(name) if entry.mode != TREE_MODE else _FOLDER.fullmatch(name)
            for name, entry in self._folder("").items()
        )

    def write(self, notes: Mapping[str, bytes], *, message: str, identity: str) -> None:
        """Replace the notes on objects, in one commit; raise RefMoved if the ref has moved.

        `identity` is name, address and time as `git var` prints them. `git fast-import` moves
        a ref only to what contains its value, so what another process wrote is never lost.
        """
        try:
            once_free(lambda: self._imported(self._ref, notes, message, identity))
        except GitCommandFailed as error:
            if self._repository.objects.commit(self._ref) != self._tip:
                raise RefMoved(f"'{self._ref}' moved while it was being updated") from error
            raise

    def write_signed(
        self, notes: Mapping[str, bytes], *, message: str, identity: str
    ) -> str | None:
        """Do the same in a commit that is signed where the user's commits are.

        Returns why it is not signed, if it should be.
        """
        repository = self._repository
        if not wants_signature(repository):
            self.write(notes, message=message, identity=identity)
            return None
        bare = self._apart(notes, message, identity)
        parents = [self._tip] if self._tip is not None else []
        oid, why = commit_signed(repository, f"{bare}^{{tree}}", parents, message)
        moved = Move(self._ref, oid or bare, self._tip or ABSENT)
        move(repository, [moved], reason="gitexp: a signed note")
        return None if oid is not None else why

    def _apart(self, notes: Mapping[str, bytes], message: str, identity: str) -> str:
        """Return a commit that no ref points at, nor did: what is killed here leaves nothing."""
        never = f"{self._ref}-signing-{os.urandom(8).hex()}"
        nothing = "0" * (64 if self._repository.object_format == "sha256" else 40)
        ending = f"get-mark :1\nreset {never}\nfrom {nothing}\n\n".encode()
        return self._imported(never, notes, message, identity, ending).decode().strip()

    def _imported(
        self,
        ref: str,
        notes: Mapping[str, bytes],
        message: str,
        identity: str,
        ending: bytes = b"",
    ) -> bytes:
        """Have git write a commit on top of ours, and return what it says."""
        start = f"commit {ref}\nmark :1\ncommitter {identity}\n".encode()
        stream = [start, _data(os.fsencode(message))]
        if self._tip is not None:
            stream.append(f"from {self._tip}\n".encode())
        stream += [*self._changes(notes), b"\n", ending, b"done\n"]
        command = ("fast-import", "--quiet", "--done", "--date-format=raw")
        return self._repository.git(*command, stdin=b"".join(stream))

    def _changes(self, notes: Mapping[str, bytes]) -> Iterator[bytes]:
        targets = {annotated: self._target(annotated) for annotated in notes}
        full = {folder for folder, _ in targets.values() if self._is_full(folder)}
        for folder in sorted(full):
            for name, entry in self._files(folder).items():
                yield f"D {folder}{name}\n".encode()
                yield f"M {_FILE_MODE} {entry.oid} {folder}{_spread(name)}\n".encode()
        for annotated, content in notes.items():
            folder, name = targets[annotated]
            for path, _ in self._places(annotated):
                yield f"D {path}\n".encode()
            path = f"{folder}{_spread(name) if folder in full else name}"
            yield f"M {_FILE_MODE} inline {path}\n".encode()
            yield _data(content)

    def _is_full(self, folder: str) -> bool:
        return len(self._files(folder)) >= _MOST_IN_FOLDER

    def _target(self, annotated: str) -> tuple[str, str]:
        """Return the deepest folder that there is for a note, and the note's name in it."""
        return list(self._ways(annotated))[-1]

    def _places(self, annotated: str) -> list[tuple[str, str]]:
        """Return path and blob of each note on an object."""
        found = []
        for folder, name in self._ways(annotated):
            entry = self._folder(folder).get(name)
            if entry is not None and entry.mode != TREE_MODE:
                found.append((folder + name, entry.oid))
        return found

    def _ways(self, annotated: str) -> Iterator[tuple[str, str]]:
        folder, name = "", annotated
        while True:
            yield folder, name
            below = self._folder(folder).get(name[:2])
            if below is None or below.mode != TREE_MODE:
                return
            folder, name = f"{folder}{name[:2]}/", name[2:]

    def _files(self, folder: str) -> dict[str, Entry]:
        """Return the notes of a folder, those further down apart."""
        flat = folder.replace("/", "")
        return {
            name: entry
            for name, entry in self._folder(folder).items()
            if entry.mode != TREE_MODE and _OID.fullmatch(flat + name)
        }

    def _folder(self, folder: str) -> dict[str, Entry]:
        if folder not in self._folders:
            place = f"{self._tip}:{folder.rstrip('/')}"
            tree = self._repository.objects.read(place) if self._tip is not None else None
            if tree is None and self._tip is not None:
                raise Damaged(f"git cannot read a tree of '{self._ref}'", OBJECTS_HINT)
            content = tree.content if tree is not None else b""
            entries = parsed_tree(content, self._repository.object_format)
            self._folders[folder] = {os.fsdecode(name): one for name, one in entries.items()}
        return self._folders[folder]


def _spread(name: str) -> str:
    return f"{name[:2]}/{name[2:]}"


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
