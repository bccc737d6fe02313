"""Cameras that no longer see what they used to: what the nightly job says of them."""

import datetime
import io
import pathlib
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
    assert {row["status"] for row in run["store_drift"]} == {"no_history"}
    assert len(run["store_drift"]) == 2 * len(store_drift.MEASURES)
    day = layout.day(str(scored), datetime.date.fromisoformat(commands.DATE))
    assert (
        "cameras               not judged yet (2 stores): "
        "0 of 14 days before are published"
    ) in publish.summary_lines(day, run)


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
