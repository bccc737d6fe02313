"""What a purge deletes, in folders and in buckets."""

import datetime
import json
import os

import pytest

from pipelines.publishing import locks, publish, warehouse
from pipelines.reporting import spans
from pipelines.retention import removals
from pipelines.storage import gcs, roots
from tests import faults
from tests.retention import old_days

OLD = old_days.OLD
RECENT = old_days.TODAY - datetime.timedelta(days=7)


@pytest.fixture(params=["folder", "bucket"])
def chain(request, tmp_path):
    """An old day that was published: its input root and its warehouse."""
    if request.param == "folder":
        places = str(tmp_path / "in"), str(tmp_path / "out")
    else:
        bucket = request.getfixturevalue("bucket")
        places = f"gs://{bucket.name}/in", f"gs://{bucket.name}/out"
    roots.at(places[0]).write(f"purchases/date={OLD}/lines.csv", b"kept elsewhere")
    old_days.add_photos(places[0], OLD)
    old_days.publish(*places, OLD)
    return places


def _photos(root):
    return [path.split("/", 2)[2] for path in old_days.files_of(root, "photos")]


def _records(place):
    root = roots.at(place)
    return [json.loads(root.read(file.path)) for file in root.files("purges")]


def test_photos_of_a_published_day_go_and_nothing_else(chain):
    old_days.add_photos(chain[0], RECENT)
    old_days.publish(*chain, RECENT)
    before = old_days.files_of(chain[1], "scores", "marketing", "audit", ".tillage")

    outcomes = old_days.purge(*chain)

    assert old_days.counted(outcomes) == {(OLD, removals.PHOTOS): 4}
    assert old_days.files_of(chain[0], f"photos/date={OLD}") == []
    assert len(old_days.files_of(chain[0], f"photos/date={RECENT}")) == 4
    after = old_days.files_of(chain[1], "scores", "marketing", "audit", ".tillage")
    assert [path for path in after if "/locks/" not in path] == before
    assert old_days.purge(*chain) == []


def test_photos_that_the_published_run_did_not_see_stay_and_are_counted(chain):
    old_days.add_photos(
        chain[0],
        OLD,
        {
            "store=1/R1_late.jpg": b"came later",
            "store=1/R1_b.png": b"another picture",
            "store=2/batch.tar": {"c.jpg": b"third", "e.jpg": b"one more"},
        },
    )

    [outcome] = old_days.purge(*chain)

    assert old_days.counted([outcome]) == {(OLD, removals.PHOTOS): 2}
    stay = ["store=1/R1_b.png", "store=1/R1_late.jpg", "store=2/batch.tar"]
    assert _photos(chain[0]) == stay
    assert outcome.kept == (
        "3 files of photos stay: the published run did not account for them",
    )


def test_a_day_that_is_not_published_keeps_its_photos(chain):
    other = OLD + datetime.timedelta(days=1)
    old_days.add_photos(chain[0], other)

    outcomes = old_days.purge(*chain, tables_after_days=7)

    assert len(old_days.files_of(chain[0], f"photos/date={other}")) == 4
    [kept] = [one.kept for one in outcomes if one.date == other]
    assert kept == ("4 files of photos stay: the day is not published",)


def test_photos_without_kept_scores_stay(chain):
    """A late purchase file could not be joined any more."""
    roots.at(chain[1]).delete(f".tillage/kept/{OLD}")

    [outcome] = old_days.purge(*chain)

    assert outcome.tallies == ()
    assert "the scores of the published run are not kept" in outcome.kept[0]


def test_rows_of_single_people_go_and_counts_stay(chain):
    day = warehouse.day(chain[1], OLD)
    counts = {
        path: roots.at(chain[1]).read(path)
        for path in old_days.files_of(chain[1], *old_days.COUNTS, "runs")
    }

    outcomes = old_days.purge(*chain, tables_after_days=30)

    assert old_days.counted(outcomes) == {
        (OLD, removals.PHOTOS): 4,
        (OLD, removals.TABLES): 4,
        (OLD, removals.SCORES): 1,
    }
    assert old_days.files_of(chain[1], *old_days.PER_PERSON) == []
    assert old_days.files_of(chain[1], ".tillage/kept", ".tillage/staging") == []
    for path, content in counts.items():
        assert roots.at(chain[1]).read(path) == content
    manifest = publish.read_manifest(day)
    assert sorted({file.table for file in manifest.files}) == sorted(old_days.COUNTS)
    assert manifest.purged == tuple(sorted(old_days.PER_PERSON))
    hidden = old_days.files_of(chain[1], ".versions")
    assert not [path for path in hidden if "photo_ages" in path]
    assert old_days.purge(*chain, tables_after_days=30) == []


def test_a_report_says_which_days_are_purged(chain):
    old_days.purge(*chain, tables_after_days=30)
    other = OLD + datetime.timedelta(days=1)
    for number, date in enumerate((OLD, other)):
        span = spans.read(chain[1], OLD, date, "category")

        assert span.dates_purged == (OLD,)
        assert span.restricted_sales.num_rows == number
        assert span.demand.num_rows
        assert span.notes()[-1].endswith(f"leave them out: {OLD}.")
        old_days.add_photos(chain[0], other)
        old_days.publish(*chain, other)


def test_tables_wait_for_the_photos_of_their_day(chain):
    old_days.add_photos(chain[0], OLD, {"store=1/R1_late.jpg": b"came later"})

    [outcome] = old_days.purge(*chain, tables_after_days=30)

    assert outcome.kept[-1].startswith("rows of single people wait")
    assert len(old_days.files_of(chain[1], *old_days.PER_PERSON)) == 4


def test_a_dry_run_says_the_same_and_changes_nothing(chain):
    everything = ("photos", "scores", "marketing", ".tillage", ".versions", "purges")
    before = [old_days.files_of(place, *everything) for place in chain]

    said = old_days.purge(*chain, tables_after_days=30, is_dry_run=True)

    assert [old_days.files_of(place, *everything) for place in chain] == before
    assert old_days.counted(said) == old_days.counted(
        old_days.purge(*chain, tables_after_days=30)
    )


def test_the_record_says_what_went_when_and_by_which_rule(chain):
    old_days.purge(*chain)

    [record] = _records(chain[1])
    assert record["state"] == "done"
    assert record["date"] == str(OLD)
    assert record["started_at_utc"] == "2026-11-25T03:00:00+00:00"
    [deleted] = record["deleted"]
    assert deleted.pop("bytes") > len(b"firstsecondthirdfourthrejected")
    assert deleted == {"kind": "photos", "rule": "photos-after-days=7", "files": 4}


def test_what_dead_and_refused_runs_left_goes_after_its_time(chain):
    day = warehouse.day(chain[1], OLD)
    root = roots.at(chain[1])
    old_days.keep(chain[1], OLD, [], run_id="dead", fingerprint="0456")
    for path in (
        f"{day.staging_of('dead')}/scores/photo_ages/part-00000.parquet",
        f"{day.refused_folder}/dead-rejections.parquet",
        f"{day.version_folder('0' * 16)}/rejections/part-00000.parquet",
    ):
        root.write(path, b"left behind")
    now = datetime.datetime.now(datetime.UTC)
    shown = old_days.files_of(chain[1], "scores", "marketing", "audit", "rejections")

    [early] = old_days.purge(*chain, now=now)
    late = old_days.purge(*chain, now=now + datetime.timedelta(days=8))

    assert early.tallies == ()
    assert "a run that is not published wrote at" in early.kept[0]
    assert old_days.counted(late) == {
        (OLD, removals.PHOTOS): 4,
        (OLD, removals.STAGING): 1,
        (OLD, removals.VERSIONS): 1,
        (OLD, removals.REFUSED): 1,
        (OLD, removals.SCORES): 1,
    }
    for folder in (day.staging_folder, day.refused_folder):
        assert old_days.files_of(chain[1], folder) == []
    assert len(old_days.files_of(chain[1], day.kept_folder)) == 1
    again = old_days.files_of(chain[1], "scores", "marketing", "audit", "rejections")
    assert again == shown


@pytest.mark.parametrize("has_staging", [True, False])
def test_scores_of_a_run_that_died_right_after_its_publish_are_kept(chain, has_staging):
    day = warehouse.day(chain[1], OLD)
    roots.at(chain[1]).delete(day.kept_folder)
    old_days.keep(chain[1], OLD, [])
    if has_staging:
        roots.at(chain[1]).write(f"{day.staging_of('dead')}/file", b"left behind")

    old_days.purge(
        *chain, now=datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=8)
    )

    [path] = old_days.files_of(chain[1], day.kept_folder)
    assert os.path.basename(path).startswith("published-")


def test_a_day_that_a_run_holds_is_left_as_it_is(chain):
    with locks.day_lock(warehouse.day(chain[1], OLD)):
        [outcome] = old_days.purge(*chain)

    assert outcome.failure.startswith(f"another run of {OLD} is at work (process ")
    assert len(_photos(chain[0])) == 4


def test_a_photo_that_is_replaced_meanwhile_stays(chain):
    seen = list(roots.at(chain[0]).files("photos"))
    old_days.add_photos(chain[0], OLD, {"store=1/R1_a.jpg": b"replaced"})

    gone = [roots.at(chain[0]).delete_seen(entry) for entry in seen]

    assert gone == [False, True, True, True]
    assert _photos(chain[0]) == ["store=1/R1_a.jpg"]
    assert roots.at(chain[0]).delete_seen(seen[1])


def test_one_request_deletes_a_photo_of_a_bucket(emulator, bucket, monkeypatch):
    places = f"gs://{bucket.name}/in", f"gs://{bucket.name}/out"
    many = {f"store=1/R1_{number}.jpg": b"photo" for number in range(50)}
    old_days.add_photos(places[0], OLD, many)
    old_days.publish(*places, OLD)
    with faults.proxy(emulator.address) as proxy:
        proxy.is_calm = True
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", proxy.url)
        gcs.client.cache_clear()

        outcomes = old_days.purge(*places)

    gcs.client.cache_clear()
    assert old_days.counted(outcomes) == {(OLD, removals.PHOTOS): 50}
    # The lock is released, and the record of what had begun goes.
    assert proxy.requests["DELETE"] == 50 + 2
    assert proxy.requests.total() == 50 + 30
