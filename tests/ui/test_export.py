"""The pages as files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.sweep_point import SweepPoint
from gitexp.project import Project
from gitexp.ui.export import LISTED, export

from tests.ui.workshop import png, records, write_run


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site"


def write(project: Path, site: Path, where: str | None = None) -> int:
    with Project.open(project) as opened:
        return export(opened, site, where=where, limit=None)


def test_every_link_of_every_page_leads_to_a_file(project: Path, site: Path) -> None:
    pages = write(project, site)

    found = sorted(site.rglob("*.html"))
    assert len(found) == pages == 10
    for page in found:
        text = page.read_text()
        for target in re.findall(r'(?:href|src)="([^"#]+)"', text):
            assert not target.startswith(("/", "http")), target
            assert (page.parent / unquote(target)).is_file(), (page, target)
        assert '<form class="query"' not in text
        assert 'method="post"' not in text


def test_every_page_is_of_the_newest_runs_that_are_written(project: Path, site: Path) -> None:
    with Project.open(project) as opened:
        newest = [run.id for run in opened.runs.newest(2)]
        export(opened, site, where=None, limit=2)

    block = re.search(r'class="parallel-data">(.*?)</script>', (site / "parallel.html").read_text())
    assert block is not None
    assert [one["id"] for one in json.loads(block[1])["lines"]] == newest
    assert "A line for each of 2 of 3 runs" in (site / "parallel.html").read_text()
    assert sorted(
        re.findall(r'href="run/(\w+).html"', (site / "groups.html").read_text())
    ) == sorted(newest)


def test_curves_and_pictures_come_along(project: Path, site: Path) -> None:
    write(project, site)

    page = (site / "run" / "run100000x.html").read_text()
    block = re.search(r'<script type="application/json">(.*?)</script>', page)
    assert block is not None
    assert json.loads(block[1])[0]["values"] == [1.0, 0.5, 0.25]
    assert (site / "files" / "run100000x-1.png").read_bytes() == png()
    compared = (site / "compare.html").read_text()
    assert "+rate = 1" not in compared  # a patch is of two sides, and there are three
    assert "train.py" in compared


def test_data_in_a_page_cannot_end_its_block(project: Path, site: Path) -> None:
    write(project, site)

    for page in site.rglob("*.html"):
        for block in re.findall(r"<script[^>]*>(.*?)</script>", page.read_text(), re.DOTALL):
            assert not block or json.loads(block) is not None


def test_what_an_earlier_export_wrote_goes_and_nothing_else(project: Path, site: Path) -> None:
    write(project, site)
    (site / "CNAME").write_text("runs.example\n")
    write(project, site, "status = done")

    assert not (site / "run" / "run200000x.html").exists()
    assert (site / "run" / "run000000x.html").is_file()
    assert (site / "CNAME").is_file()


def test_a_folder_of_others_is_left_alone(project: Path, site: Path) -> None:
    site.mkdir()
    (site / "index.html").write_text("mine")

    with pytest.raises(GitexpError, match="is not empty, and not an earlier export"):
        write(project, site)
    assert (site / "index.html").read_text() == "mine"


def test_links_in_a_folder_lead_nowhere(project: Path, site: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("mine")
    site.mkdir()
    (site / LISTED).write_text(json.dumps(["../outside/precious", "index.html"]))
    (site / "index.html").symlink_to(outside / "precious")
    write(project, site)

    assert (outside / "precious").read_text() == "mine"
    (site / "elsewhere").symlink_to(outside)
    (site / LISTED).unlink()
    (site / LISTED).write_text("[]")
    for path in (site / "run").iterdir():
        path.unlink()
    (site / "run").rmdir()
    (site / "run").symlink_to(outside)
    with pytest.raises(GitexpError, match="is a link"):
        write(project, site)
    assert [path.name for path in outside.iterdir()] == ["precious"]


def test_an_export_that_ended_in_the_middle_is_given_again(project: Path, site: Path) -> None:
    (site / "run" / "run000000x.html").mkdir(parents=True)  # a page cannot be written there
    (site / LISTED).write_text("[]")
    with pytest.raises(GitexpError, match="cannot write"):
        write(project, site)
    (site / "run" / "run000000x.html").rmdir()
    (site / "story.html").unlink(missing_ok=True)
    assert len(json.loads((site / LISTED).read_text())) > 10

    assert write(project, site) == 10


def test_a_list_that_lies_removes_nothing_and_writes_nowhere(
    project: Path, site: Path, tmp_path: Path
) -> None:
    site.mkdir()
    precious = tmp_path / "precious.json"
    precious.write_text(json.dumps(["Makefile", "old.html"]))
    (site / LISTED).symlink_to(precious)
    for name in ("Makefile", "old.html"):
        (site / name).write_text("")
    write(project, site)

    assert json.loads(precious.read_text()) == ["Makefile", "old.html"]
    assert (site / "Makefile").is_file()
    assert not (site / "old.html").exists()


def test_what_is_said_of_times_stays_true_and_can_be_sorted(project: Path, site: Path) -> None:
    write(project, site)

    row = (site / "index.html").read_text()
    assert "2026-01-01 03:04 UTC</td>" in row
    assert " ago</td>" not in row
    assert 'data-number="60.0">1 min 0 s</td>' in row
    assert " ago</td>" not in (site / "run" / "run000000x.html").read_text()


def test_a_sweep_that_is_not_here_whole_leaves_the_other_pages(project: Path, site: Path) -> None:
    record = replace(next(records()), id="run900000x", sweep="c56gma49sm", point=SweepPoint(0))
    write_run(project, record, {})

    write(project, site)

    assert (site / "run" / "run900000x.html").is_file()
    assert 'role="alert"' in (site / "sweeps" / "c56gma49sm.html").read_text()


def test_git_ignores_a_folder_that_an_export_has_made_until_its_user_says_otherwise(
    project: Path, tmp_path: Path
) -> None:
    there = tmp_path / "there"
    there.mkdir()
    write(project, there)
    assert not (there / ".gitignore").exists()

    made = tmp_path / "made"
    write(project, made)
    assert (made / ".gitignore").read_text().splitlines()[-1] == "*"

    (made / ".gitignore").unlink()
    write(project, made)
    assert not (made / ".gitignore").exists()
