"""Cameras that no longer see what they used to: what the nightly job says of them."""

import datetime
import io
import pathlib
import re
import shutil
import tarfile

import cv2
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipelines.publishing import publish
from pipelines.publishing import warehouse as layout
from schemas import store_drift
from tests.integration import commands
from tests.publishing import steady

pytestmark = pytest.mark.slow


def _newest_run(warehouse):
    partition = warehouse / "runs" / f"date={commands.DATE}"
    rows = [pq.read_table(file, partitioning=None) for file in partition.iterdir()]
    return max((row.to_pylist()[0] for row in rows), key=lambda run: run["run_id"])


def _alarms(run):
    return {
        (row["store_id"], row["measure"])
        for row in run["store_drift"]
        if row["is_alarm"]
    }


@pytest.fixture(scope="module")
def steady_weeks(scored, tmp_path_factory):
    """Twenty published days like the rendered one, before it."""
    run = _newest_run(scored)
    warehouse = tmp_path_factory.mktemp("steady") / "warehouse"
    days = steady.days_like(run["store_health"], 20)
    steady.publish_days(warehouse, days, model_sha256=run["model_sha256"])
    return warehouse


@pytest.fixture
def warehouse(steady_weeks, tmp_path):
    copied = shutil.copytree(steady_weeks, tmp_path / "warehouse", symlinks=True)
    return pathlib.Path(copied)


def _darkened(photo):
    return (photo * 0.55).astype(np.uint8)


def _upside_down(photo):
    return cv2.rotate(photo, cv2.ROTATE_180)


def _moved_closer(photo):
    height, width = photo.shape[:2]
    top, left = height // 6, width // 6
    part = photo[top : height - top, left : width - left]
    return cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC)


def _retake(tills, store, change):
    """Changes every photo of a store, loose or in a batch, as its camera would."""
    folder = tills / "photos" / f"date={commands.DATE}" / f"store={store}"
    for path in folder.iterdir():
        changed = _changed_batch if path.suffix == ".tar" else _changed_photo
        path.write_bytes(changed(path.read_bytes(), change))


def _changed_photo(encoded, change):
    photo = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    if photo is None:
        return encoded
    return cv2.imencode(".jpg", change(photo))[1].tobytes()


def _changed_batch(encoded, change):
    sink = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(encoded)) as before,
        tarfile.open(fileobj=sink, mode="w") as after,
    ):
        for member in before:
            content = _changed_photo(before.extractfile(member).read(), change)
            member.size = len(content)
            after.addfile(member, io.BytesIO(content))
    return sink.getvalue()


def test_without_earlier_days_nothing_is_judged(scored):
    run = _newest_run(scored)
    compared = [
        row for row in run["store_drift"] if row["measure"] in store_drift.COMPARED
    ]
    assert {row["status"] for row in compared} == {"no_history"}
    assert _alarms(run) == set()
    assert len(run["store_drift"]) == 2 * len(store_drift.MEASURES)
    day = layout.day(str(scored), datetime.date.fromisoformat(commands.DATE))
    assert (
        "cameras               not judged yet (2 stores): "
        "0 of 14 days before are published"
    ) in publish.summary_lines(day, run)


def test_a_camera_upside_down_on_its_first_day_is_told_and_costs_no_age(
    scored, own_tills, tmp_path
):
    _retake(own_tills, "0002", _upside_down)
    ended = commands.score(own_tills, tmp_path / "warehouse")
    assert ended.code == 0, ended.stderr
    said = "camera alarm          Photos of store 0002 are upside down: "
    assert re.search(
        f"{said}(9[0-9]|100)% of .* since {commands.DATE} or", ended.stdout
    )
    assert _alarms(_newest_run(tmp_path / "warehouse")) == {
        ("0002", store_drift.TURNED)
    }
    ages = [
        pd.read_parquet(root / "scores" / "photo_ages")
        for root in (scored, tmp_path / "warehouse")
    ]
    known = [rows.dropna(subset=["age_years"]) for rows in ages]
    both = known[0].merge(known[1], on="photo", suffixes=("", "_turned"))
    assert len(both) >= 0.95 * len(known[0])
    is_turned = both["store_id"] == "0002"
    assert (both["turned_degrees_turned"][~is_turned] == 0).all()
    assert (both["turned_degrees_turned"][is_turned] == 180).mean() >= 0.9
    # The same crops, but for what a second JPEG does to them.
    apart = (both["age_years_turned"] - both["age_years"]).abs()
    assert apart[~is_turned].max() == 0
    assert apart[is_turned].median() < 1


def test_a_steady_day_alarms_nobody_and_changes_no_byte(tills, scored, warehouse):
    ended = commands.score(tills, warehouse)
    assert ended.code == 0, ended.stderr
    assert "cameras               as usual (2 stores)\n" in ended.stdout
    assert "camera alarm" not in ended.stdout
    run = _newest_run(warehouse)
    assert {row["status"] for row in run["store_drift"]} <= {"usual", "no_photos"}
    assert {row["days_before"] for row in run["store_drift"]} == {20}
    today = f"date={commands.DATE}"
    found = commands.published(warehouse)
    of_today = {path: found[path] for path in found if today in path}
    assert of_today == commands.published(scored)


def test_a_dark_and_a_moved_camera_are_found_again_and_again(own_tills, warehouse):
    _retake(own_tills, "0001", _moved_closer)
    _retake(own_tills, "0002", _darkened)
    # An earlier day that cannot be read costs that day, not the night.
    [damaged] = (warehouse / "runs" / "date=2026-11-19").iterdir()
    damaged.write_bytes(b"")
    judged = []
    for _ in range(2):
        ended = commands.score(own_tills, warehouse)
        assert ended.code == 0, ended.stderr
        assert "cameras are compared without 2026-11-19: " in ended.stderr
        assert "camera alarm          Faces at store 0001 are " in ended.stdout
        assert "% larger than usual" in ended.stdout
        assert "camera alarm          Photos of store 0002 are 4" in ended.stdout
        assert "% darker than usual" in ended.stdout
        judged.append(_newest_run(warehouse)["store_drift"])
    assert ("0001", store_drift.FACE_SIZE) in _alarms(_newest_run(warehouse))
    assert ("0002", store_drift.BRIGHTNESS) in _alarms(_newest_run(warehouse))
    assert ("0001", store_drift.BRIGHTNESS) not in _alarms(_newest_run(warehouse))
    assert {row["days_before"] for row in judged[0]} == {19}
    assert judged[0] == judged[1]
    assert len(pd.read_parquet(warehouse / "runs" / f"date={commands.DATE}")) == 2
