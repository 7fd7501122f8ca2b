"""What pointers say of versions on a remote, whoever wrote them."""

from __future__ import annotations

import pytest

from gitexp.data.versions import Version, Versions

A, B = "b026324c6904b2a9cb4b88d6d61c81d1", "26ab0db90d72e28ad0ba1e22ee510510"


def found(
    text: str, path: str = "data.dvc", folders: dict[str, str | None] | None = None
) -> Versions:
    versions = Versions()
    versions.add(text.encode(), path, folders or {})
    return versions


def test_a_file_has_the_version_of_each_remote_that_it_was_pushed_to() -> None:
    cloud = "cloud: {s3: {version_id: x}, gs: {version_id: y}}"
    versions = found(f"outs: [{{md5: {A}, path: a.csv, {cloud}}}]", "in/a.csv.dvc")

    assert list(versions.of(A, "s3")) == [Version("s3", "in/a.csv", "x")]
    assert versions.has(A, "gs")
    assert not versions.has(A, "other")


def test_a_folder_is_there_if_each_of_its_files_is() -> None:
    of_a = f"{{relpath: a, md5: {A}, cloud: {{s3: {{version_id: x}}}}}}"
    whole = found(f"outs: [{{path: d, files: [{of_a}]}}]")
    half = found(f"outs: [{{path: d, files: [{of_a}, {{relpath: b, md5: {B}}}]}}]")

    [folder], [other] = whole.folders, half.folders
    assert whole.has(folder, "s3")
    assert list(whole.of(A, "s3")) == [Version("s3", "d/a", "x")]
    assert not half.has(other, "s3")


def test_stages_have_folders_and_older_files_name_no_remote() -> None:
    lock = f"stages: {{train@1: {{outs: [{{path: m, md5: {A}, version_id: x}}]}}}}"

    versions = found(lock, "p/dvc.lock", {"train": "sub"})

    assert list(versions.of(A, "any")) == [Version(None, "p/sub/m", "x")]


@pytest.mark.parametrize(
    "text",
    [
        *("[", "1", "outs: 1", "outs: [1]", "outs: [{path: 1}]", "stages: {a: 1}", "stages: []"),
        f"outs: [{{md5: {A}, path: ../../a, version_id: x}}]",
        f"outs: [{{md5: {A}, path: /etc/a, version_id: x}}]",
        "outs: [{md5: [1], path: a, version_id: x}]",
        f"outs: [{{path: a, files: [1, {{relpath: ../../b, md5: {A}, version_id: x}}]}}]",
    ],
)
def test_what_dvc_did_not_write_is_passed_over(text: str) -> None:
    assert found(text).files == {}
