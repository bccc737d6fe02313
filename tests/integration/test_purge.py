"""Retention, on a day that the nightly job has scored and published."""

import datetime
import shutil

import pytest

from pipelines.publishing import locks, warehouse
from tests.integration import commands
from tests.retention import old_days

pytestmark = pytest.mark.slow

_DATE = datetime.date.fromisoformat(commands.DATE)
_LONG_AFTER = {"as_of": datetime.date(2027, 6, 1)}


def test_a_scored_day_loses_its_photos_and_takes_late_purchases(
    own_tills, scored, tmp_path
):
    place = shutil.copytree(scored, tmp_path / "warehouse", symlinks=True)
    late = own_tills / "photos" / f"date={commands.DATE}" / "store=0001" / "late.jpg"
    late.write_bytes(b"came after the night")
    num_files = sum(path.is_file() for path in (own_tills / "photos").rglob("*"))

    outcomes = old_days.purge(own_tills, place, **_LONG_AFTER)

    assert old_days.counted(outcomes)[(_DATE, "photos")] == num_files - 1
    assert outcomes[0].kept[0].startswith("1 files of photos stay")
    late.unlink()
    ended = commands.score(own_tills, place)
    assert ended.code == 0, ended.stderr
    assert commands.published(place) == commands.published(scored)


@pytest.fixture
def chain(tmp_path):
    """An input root and a warehouse with one published day of long ago."""
    places = str(tmp_path / "in"), str(tmp_path / "out")
    old_days.add_photos(places[0], old_days.OLD)
    old_days.publish(*places, old_days.OLD)
    return places


def _flags(chain, *more):
    return [
        "purge",
        f"--input={chain[0]}",
        f"--warehouse={chain[1]}",
        "--photos-after-days=30",
        "--as-of=2026-11-25",
        "--dry-run",
        *more,
    ]


def test_the_command_says_what_goes_by_day_and_kind(chain):
    ended = commands.tillage(*_flags(chain))

    assert (ended.code, ended.stderr) == (0, "")
    first, header, day, total = ended.stdout.splitlines()
    assert first.startswith("dry run")
    assert header.split() == ["day", "kind", "files", "bytes"]
    assert day.split()[:3] == [str(old_days.OLD), "photos", "4"]
    assert total.split()[:4] == ["all", "days", "photos", "4"]


def test_a_day_that_is_held_ends_with_1(chain):
    live = [flag for flag in _flags(chain) if flag not in ("--dry-run",)]
    live = [flag for flag in live if not flag.startswith("--as-of")]
    date = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=60)
    old_days.add_photos(chain[0], date)
    old_days.publish(*chain, date)

    with locks.day_lock(warehouse.day(chain[1], date)):
        held = commands.tillage(*live)
    free = commands.tillage(*live)

    assert held.code == 1
    assert f"{date}  NOT PURGED: another run of {date} is at work" in held.stdout
    assert free.code == 0, free.stderr
    assert old_days.files_of(chain[0], f"photos/date={date}") == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--warehouse=nowhere"], "nowhere: no warehouse"),
        (["--input=nowhere"], "nowhere: no photos/ there; check --input"),
        (["--what"], "unrecognized arguments: --what"),
    ],
)
def test_bad_usage_is_one_line(chain, more, said):
    ended = commands.tillage(*_flags(chain, *more))

    assert ended.code == 2
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1
