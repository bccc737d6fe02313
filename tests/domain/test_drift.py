"""Tests of `pipelines.domain.drift`, on simulated cameras."""

import dataclasses
import datetime
import re

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain import drift, drift_settings
from schemas import runs, store_drift

FIRST = datetime.date(2026, 1, 5)
AGE_SHARES = np.array(
    [1, 1, 1, 3, 8, 11, 11, 10, 9, 8, 8, 7, 6, 5, 4, 3, 2, 1, 0.5, 0.5]
)


@dataclasses.dataclass
class Camera:
    """What a store's photos look like; days stray by a few percent around it."""

    photos: float = 400
    brightness: float = 120.0
    face_px: float = 100.0
    face_loss: float = 0.08
    match_rate: float = 0.96
    older_bands: int = 0
    upside_down: float = 0.0
    on_side: float = 0.0
    weekend_brightness: float = 1.0


def health(camera, store_id, date, rng):
    photos = rng.poisson(camera.photos)
    lost = rng.binomial(photos, camera.face_loss * rng.lognormal(0, 0.1))
    usable = photos - lost
    matched = rng.binomial(usable, camera.match_rate)
    shares = np.roll(rng.dirichlet(AGE_SHARES * 30), camera.older_bands)
    weekend = camera.weekend_brightness if date.weekday() >= 5 else 1.0
    stray = rng.lognormal(0, [0.03 + 0.25 / photos**0.5, 0.015 + 0.2 / photos**0.5])
    return {
        "store_id": store_id,
        "photos": photos,
        "faces_ok": usable,
        "faces_none": lost,
        "faces_several_faces": 0,
        "faces_small": 0,
        "faces_blurred": 0,
        "faces_undecodable": 0,
        "matched": matched,
        "unmatched": usable - matched,
        "ambiguous": 0,
        **dict(zip(runs.STANDS, _standing(camera, usable), strict=True)),
        "mean_brightness": camera.brightness * weekend * stray[0],
        "mean_face_px": camera.face_px * stray[1],
        "mean_age_years": 40.0 + 5 * camera.older_bands,
        "photos_by_age_band": rng.multinomial(usable, shares).tolist(),
        "registers": [],
    }


def _standing(camera, usable):
    turned = [round(share * usable) for share in (camera.upside_down, camera.on_side)]
    return [usable - sum(turned), *turned]


def days_of(camera, num_days, num_stores=1, seed=0, start=FIRST):
    rng = np.random.default_rng(seed)
    dates = [start + datetime.timedelta(days) for days in range(num_days)]
    return {
        date: [health(camera, f"{store:04d}", date, rng) for store in range(num_stores)]
        for date in dates
    }


def changed_on_last_day(camera, num_days=42, num_stores=12, before=None):
    days = days_of(before or Camera(photos=camera.photos), num_days, num_stores)
    last = max(days)
    days[last] = days_of(camera, 1, num_stores, seed=99, start=last)[last]
    return drift.of_days(days, last)


def alarms(table, measure=None):
    return [
        row
        for row in table.to_pylist()
        if row["is_alarm"] and measure in (None, row["measure"])
    ]


@pytest.mark.parametrize("photos", [30, 400, 3_000])
def test_steady_stores_alarm_on_one_day_in_a_hundred_at_most(photos):
    days = days_of(Camera(photos=photos, weekend_brightness=1.06), 90, 12, seed=5)
    found = drift.of_days(days, FIRST + datetime.timedelta(14))
    alarmed = {(row["date"], row["store_id"]) for row in alarms(found)}
    assert len(alarmed) <= 0.01 * 76 * 12
    assert set(found["status"].to_pylist()) <= {"usual", "alarm"}


@pytest.mark.parametrize(
    ("change", "measure", "words"),
    [
        ({"brightness": 120 * 0.7}, store_drift.BRIGHTNESS, "darker"),
        ({"brightness": 120 * 1.4}, store_drift.BRIGHTNESS, "brighter"),
        ({"face_px": 70.0}, store_drift.FACE_SIZE, "smaller"),
        ({"face_px": 140.0}, store_drift.FACE_SIZE, "larger"),
        ({"face_loss": 0.3}, store_drift.FACE_LOSS, "More photos"),
        ({"match_rate": 0.7}, store_drift.MATCH_RATE, "Fewer photos"),
        ({"older_bands": 3}, store_drift.AGE_DISTRIBUTION, "55 years, 40 before"),
    ],
)
def test_a_change_alarms_on_its_first_day(change, measure, words):
    found = alarms(changed_on_last_day(Camera(**change)), measure)
    assert len(found) == 12
    assert all(words in row["sentence"] for row in found)
    assert all(f"store {row['store_id']}" in row["sentence"] for row in found)


@pytest.mark.parametrize(
    ("change", "measure"),
    [
        ({"brightness": 120 * 0.7}, store_drift.BRIGHTNESS),
        ({"face_px": 70.0}, store_drift.FACE_SIZE),
    ],
)
def test_small_stores_show_half_of_the_changes_at_once(change, measure):
    found = changed_on_last_day(Camera(photos=30, **change))
    assert len(alarms(found, measure)) >= 6


def test_the_other_measures_stay_usual():
    found = alarms(changed_on_last_day(Camera(brightness=84.0)))
    assert {row["measure"] for row in found} == {store_drift.BRIGHTNESS}
    assert found[0]["z"] < -5
    assert found[0]["value"] == pytest.approx(84, rel=0.1)
    assert found[0]["expected"] == pytest.approx(120, rel=0.1)
    assert re.match(
        r"Photos of store 0000 are [23]\d% darker than usual: \d\d instead of 1\d\d ",
        found[0]["sentence"],
    )


def test_a_weekend_is_compared_with_weekends():
    # Day 55 is a Sunday; its store is half again as bright on weekends.
    bright = Camera(weekend_brightness=1.5)
    usual = changed_on_last_day(bright, num_days=56, before=bright)
    assert alarms(usual, store_drift.BRIGHTNESS) == []
    as_on_weekdays = changed_on_last_day(Camera(), num_days=56, before=bright)
    found = alarms(as_on_weekdays, store_drift.BRIGHTNESS)
    assert len(found) == 12
    assert all(row["same_weekday"] for row in found)


def test_a_quiet_day_may_stray_further():
    quiet = changed_on_last_day(Camera(photos=15), num_stores=40, before=Camera(3_000))
    assert len(alarms(quiet)) <= 1


def test_a_day_that_went_wrong_does_not_spoil_the_yardstick():
    days = days_of(Camera(), 43)
    dark = days_of(Camera(brightness=30.0), 43)
    for day in (20, 27, 34):
        date = FIRST + datetime.timedelta(day)
        days[date] = dark[date]
    last = max(days)
    assert alarms(drift.of_days(days, last)) == []
    days[last] = days_of(Camera(brightness=84.0), 1, start=last)[last]
    assert len(alarms(drift.of_days(days, last), store_drift.BRIGHTNESS)) == 1


def test_missing_days_are_no_days():
    days = days_of(Camera(), 60)
    kept = {date: rows for date, rows in days.items() if date.day % 3}
    last = max(kept)
    found = drift.of_days(kept, last).to_pylist()
    assert {row["status"] for row in found} == {"usual"}
    in_window = [date for date in kept if 0 < (last - date).days <= 56]
    assert {row["days_before"] for row in found} == {len(in_window)}


def test_a_store_without_history_is_not_judged():
    days = days_of(Camera(), 40)
    last = max(days)
    days[last] = days[last] + [
        health(Camera(), "new", last, np.random.default_rng(1)),
    ]
    found = drift.of_days(days, last).to_pylist()
    new = [row for row in found if row["store_id"] == "new"]
    assert [row["status"] for row in new] == ["no_history"] * 5 + ["usual"]
    assert {row["days_before"] for row in new} == {0}
    assert new[0]["sentence"] == "Store new has 0 earlier days; 14 are needed."
    assert not any(row["is_alarm"] for row in new)
    assert {row["status"] for row in found[:6]} == {"usual"}


def test_days_beyond_the_window_are_forgotten():
    old = days_of(Camera(brightness=40.0), 60)
    start = max(old) + datetime.timedelta(1)
    recent = days_of(Camera(), 57, seed=1, start=start)
    found = drift.of_days({**old, **recent}, max(recent))
    assert alarms(found) == []


def test_a_day_without_photos_is_not_judged():
    days = days_of(Camera(), 40)
    last = max(days)
    counts = {
        name: 0
        for name, value in days[last][0].items()
        if name not in ("store_id", "registers", "photos_by_age_band")
    }
    means = dict.fromkeys(("mean_brightness", "mean_face_px", "mean_age_years"))
    dark = {"photos_by_age_band": [0] * 20, "registers": [], "store_id": "0000"}
    days[last] = [counts | means | dark]
    found = drift.of_days(days, last).to_pylist()
    assert {row["status"] for row in found} == {"no_photos"}
    assert {row["value"] for row in found} == {None}
    assert {row["photos"] for row in found} == {0}


def test_every_lost_face_is_an_alarm_without_sizes_or_ages():
    days = days_of(Camera(), 40)
    last = max(days)
    covered = days_of(Camera(face_loss=0.7), 1, start=last)[last][0]
    lost = {"faces_ok": 0, "faces_none": covered["photos"], "matched": 0}
    nothing = {"unmatched": 0, "mean_face_px": None, "mean_age_years": None}
    nothing |= dict.fromkeys(runs.STANDS, 0)
    days[last] = [covered | lost | nothing | {"photos_by_age_band": [0] * 20}]
    status = {
        row["measure"]: row["status"] for row in drift.of_days(days, last).to_pylist()
    }
    assert status[store_drift.FACE_LOSS] == "alarm"
    assert status[store_drift.FACE_SIZE] == "no_photos"
    assert status[store_drift.AGE_DISTRIBUTION] == "no_photos"
    assert status[store_drift.TURNED] == "no_photos"


def test_rows_come_by_day_store_and_measure_whatever_the_order_of_days():
    days = days_of(Camera(), 20, 2)
    first = FIRST + datetime.timedelta(18)
    found = drift.of_days(days, first)
    assert found.schema == store_drift.SCHEMA
    keys = [
        (row["date"], row["store_id"], store_drift.MEASURES.index(row["measure"]))
        for row in found.to_pylist()
    ]
    assert keys == sorted(keys)
    assert len(keys) == 2 * 2 * 6
    backwards = {
        date: list(reversed(days[date])) for date in sorted(days, reverse=True)
    }
    assert drift.of_days(backwards, first).equals(found)


def test_the_simulated_rows_are_health_rows():
    row = health(Camera(), "1", FIRST, np.random.default_rng(0))
    assert set(row) == {field.name for field in runs.STORE_HEALTH}
    assert pa.array([row], runs.STORE_HEALTH).to_pylist()[0]["store_id"] == "1"


def test_no_days_give_no_rows():
    assert drift.of_days({}, FIRST).equals(store_drift.SCHEMA.empty_table())


@pytest.mark.parametrize(
    "settings",
    [
        {"min_days": 2},
        {"min_same_weekdays": 1},
        {"false_alarm_rate": 0.0},
        {"min_turned_photos": 0},
        {"min_turned_share": 1.1},
    ],
)
def test_settings_are_checked(settings):
    with pytest.raises(ValueError, match="Received"):
        drift_settings.DriftSettings(**settings)
