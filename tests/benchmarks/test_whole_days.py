"""What the reader of `benchmarks.kills` calls a whole day, and what a torn one."""

import json
import pathlib
import subprocess
import sys

import pytest

from benchmarks import whole_days
from pipelines.publishing import places, publish, warehouse
from tests.publishing import builders


@pytest.fixture(params=["folder", "bucket"])
def place(request, tmp_path):
    if request.param == "folder":
        return str(tmp_path / "warehouse")
    return f"gs://{request.getfixturevalue('bucket').name}/chain"


def _publish(place, marker):
    day = warehouse.day(place, builders.DATE)
    run_id = f"run-{marker}"
    written = builders.stage(day, run_id, marker)
    token = places.of(day).token()
    builders.publish_staged(day, written, run_id, token=token)
    return whole_days.look(whole_days.at(place)).seen, whole_days.at(place).files()


def test_days_differ_and_the_same_day_is_the_same(place):
    old, new = _publish(place, "old"), _publish(place, "new")
    assert all(old)
    assert not old[0].items() & new[0].items()
    assert _publish(place, "old") == old


def test_phases_of_a_publish(place):
    day = warehouse.day(place, builders.DATE)
    _publish(place, "old")
    assert whole_days.at(place).phase() == "score"
    places.of(day).stage_run_row("run-new", b"row")
    assert whole_days.at(place).phase() == "stage"
    publish.recover(day)
    assert whole_days.at(place).phase() == "score"
    if day.is_in_bucket:
        places.of(day).stage_run_row("run-old", b"row")
    else:
        pathlib.Path(day.journal_path).write_bytes(b"{}")
    assert whole_days.at(place).phase() == "switch"


def _swap_a_table(root):
    [link] = (root / "marketing" / "demand_total").glob("*/*.parquet")
    link.unlink()
    link.symlink_to((root / "old-file").absolute())


def _lose_a_table(root):
    [link] = (root / "marketing" / "demand_total").glob("*/*.parquet")
    link.unlink()


def _lose_the_pointer(root):
    (root / ".days" / builders.DATE.isoformat()).unlink()


@pytest.mark.parametrize("tear", [_swap_a_table, _lose_a_table, _lose_the_pointer])
def test_a_torn_day_is_told_from_the_whole_ones(tear, tmp_path):
    root = tmp_path / "warehouse"
    known = {"old": _publish(str(root), "old")[0]}
    [old] = (root / "marketing" / "demand_total").glob("*/*.parquet")
    (root / "old-file").write_bytes(old.read_bytes())
    known["new"] = _publish(str(root), "new")[0]

    assert _watched(root, known) == {"old": 0, "new": 1, "torn": 0}
    tear(root)
    assert _watched(root, known) == {"old": 0, "new": 0, "torn": 1}


def _watched(root, known):
    path = root.with_name("known.json")
    path.write_text(json.dumps(known))
    command = [sys.executable, "-m", "benchmarks.whole_days", str(root), str(path)]
    # Its input ends at once: it looks once.
    found = subprocess.run(command, input=b"", capture_output=True, check=True)
    return json.loads(found.stdout)["looks"]
