"""Data on a bucket that keeps versions, where DVC writes into a pointer which one is meant."""

from __future__ import annotations

import urllib.request
from pathlib import Path

from tests.story.test_sharing import sh
from tests.workshop import make_repository

VERSIONING = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"


def test_data_comes_by_the_version_that_a_pointer_names_and_what_runs_wrote_stays(
    tmp_path: Path, s3: str, bucket: str
) -> None:
    asked = urllib.request.Request(f"{s3}/{bucket}?versioning", data=VERSIONING, method="PUT")
    asked.add_header("Content-Type", "application/xml")
    with urllib.request.urlopen(asked) as answer:
        assert answer.status == 200
    files = {"data/a": "1\n", "data/b": "2\n", "big.csv": "old\n"}
    ada = make_repository(tmp_path / "ada", {"README": ""})
    for name, content in files.items():
        (ada / name).parent.mkdir(exist_ok=True)
        (ada / name).write_text(content)
    url = f"url = s3://{bucket}/data\n    endpointurl = {s3}\n    version_aware = true\n"
    config = f"[core]\n    analytics = false\n    remote = store\n['remote \"store\"']\n    {url}"

    sh(
        f"git init -q --bare {tmp_path}/hub.git; git remote add origin {tmp_path}/hub.git;"
        f"dvc init -q; cat > .dvc/config <<'END'\n{config}END\n"
        "dvc add -q data big.csv; dvc push -q; git add .; git commit -qm data;"
        "gitexp run -n first -- sh -c 'cat data/a; echo m > model.joblib'; "
        "echo new > big.csv; dvc add -q big.csv; dvc push -q big.csv; git commit -qam new;"
        "git push -q origin HEAD:main",
        ada,
    )
    pushed = sh("gitexp push 2>&1", ada)
    assert "so the data of model.joblib (first) stayed here\n" in pushed
    assert "`dvc push` sends what is committed" in pushed

    sh(
        "git clone -q -b main hub.git bob; cd bob; gitexp pull",
        tmp_path,
    )
    bob = tmp_path / "bob"
    sh("gitexp get first data -o mine; gitexp get first big.csv -o old.csv", bob)
    assert (bob / "mine/b").read_text() == "2\n"
    assert (bob / "old.csv").read_text() == "old\n"
    assert not (bob / "big.csv").exists()
    assert "the data of big.csv is on a DVC remote" in sh("gitexp check --remote", bob)
    assert "is missing" in sh("gitexp get first model.joblib", bob, status=2)
