"""`tillage report` after a scored night: by command line, as its users run it."""

import json

import pyarrow.parquet as pq
import pytest

from tests import browser
from tests.integration import commands

pytestmark = pytest.mark.slow


def _flags(warehouse, output, *more):
    return [
        "report",
        f"--warehouse={warehouse}",
        f"--from={commands.DATE}",
        f"--to={commands.DATE}",
        f"--output={output}",
        *more,
    ]


@pytest.fixture(scope="module")
def written(scored, tmp_path_factory):
    output = tmp_path_factory.mktemp("reports") / "day"
    ended = commands.tillage(*_flags(scored, output))
    assert ended.code == 0, ended.stderr
    assert "days                    1 of 1 published" in ended.stdout
    return output


def test_tables_tell_of_the_night(written, scored):
    folder = written / "parquet"
    quality = pq.read_table(folder / "data_quality.parquet").to_pylist()
    [run] = pq.read_table(scored / "runs" / f"date={commands.DATE}").to_pylist()
    assert quality[0]["photos"] == run["photos_listed"]
    assert [row["store_id"] for row in quality] == [None, "0001", "0002"]
    affinity = pq.read_table(folder / "age_group_affinity.parquet").to_pylist()
    assert {row["age_group"] for row in affinity} == {"<25", "25-44", "45-64", "65+"}
    audit = pq.read_table(folder / "cashier_audit.parquet").to_pylist()
    assert audit
    assert {row["status"] for row in audit} == {"insufficient_data"}
    assert not any(row["needs_review"] for row in audit)


def test_same_day_gives_the_same_bytes(written, scored, tmp_path):
    again = tmp_path / "again"
    assert commands.tillage(*_flags(scored, again)).code == 0
    for kind in ("csv/*", "parquet/*", "report.html"):
        for path in written.glob(kind):
            other = again / path.relative_to(written)
            assert other.read_bytes() == path.read_bytes(), path.name


def test_days_that_are_not_published_are_named(scored, tmp_path):
    output = tmp_path / "out"
    ended = commands.tillage(*_flags(scored, output, "--to=2026-11-23"))
    assert ended.code == 0, ended.stderr
    note = "2 of 3 days are not published: 2026-11-22 to 2026-11-23."
    assert note in ended.stdout
    assert note in json.loads((output / "report.json").read_text())["notes"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--warehouse=nowhere"], "nowhere/marketing/demand_total: not there"),
        (["--nope"], "unknown flag --nope"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(scored, tmp_path, more, message):
    ended = commands.tillage(*_flags(scored, tmp_path / "out", *more))
    assert ended.code == 2
    assert ended.stdout == ""
    said = [line for line in ended.stderr.splitlines() if line.startswith("tillage")]
    assert len(said) == 1
    assert message in said[0]
    assert "Traceback" not in ended.stderr


def test_page_opens_in_a_browser(written):
    page = written / "report.html"
    with browser.started() as chromium:
        for width_px in (1280, 400):
            chromium.open(page, width_px)
            assert chromium.complaints() == []
            assert chromium.requests() == [page.as_uri()]
            assert chromium.evaluate("document.documentElement.scrollWidth") <= width_px
        assert chromium.evaluate("document.querySelectorAll('figure svg').length") >= 3
