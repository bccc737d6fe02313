"""A report in a bucket: whole, marked, or not there."""

import json
import os
import signal

import pytest
import requests

from pipelines.reporting import bucket_files, files, outputs
from pipelines.storage import gcs, roots


@pytest.fixture
def output(bucket) -> str:
    return f"gs://{bucket.name}/reports/autumn"


def _write(output, text, names=("report.html", "csv/a.csv")):
    outputs.check(output)
    with outputs.replacing(output, json.dumps(text)) as folder:
        for name in names:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)


def _contents(bucket):
    return {
        blob.name.removeprefix("reports/autumn/"): blob.download_as_text()
        for blob in bucket.list_blobs()
    }


def _report(text, *names):
    texts = dict.fromkeys(names or ("report.html", "csv/a.csv"), text)
    return texts | {files.RECORD: json.dumps(text)}


def test_an_older_report_is_replaced_with_all_its_tables(bucket, output):
    _write(
        output, "old", ["report.html", "csv/a.csv", "csv/b.csv", "parquet/b.parquet"]
    )
    bucket.blob("reports/autumn/ours/note.txt").upload_from_string("kept")
    _write(output, "new")
    assert _contents(bucket) == _report("new") | {"ours/note.txt": "kept"}


def test_a_bucket_itself_may_hold_a_report(bucket):
    _write(f"gs://{bucket.name}", "new")
    assert _contents(bucket) == _report("new")


def _survives(step, act):
    """Runs `act` in a process that dies before its `step`-th request."""
    child = os.fork()
    if child == 0:
        gcs.client.cache_clear()
        calls, request = iter(range(step)), requests.Session.request

        def counted(*arguments, **options):
            if next(calls, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            return request(*arguments, **options)

        requests.Session.request = counted
        act()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), status
    return status == 0


def test_a_writer_killed_at_any_request_leaves_no_marked_mixture(emulator, bucket):
    step, survived, seen = 0, False, set()
    while not survived:
        own = emulator.new_bucket()
        place = f"gs://{own.name}/reports/autumn"
        _write(place, "old")
        survived = _survives(step, lambda place=place: _write(place, "new"))
        found = _contents(own)
        visible = {name: found[name] for name in found if not name.startswith(".")}
        seen.add(visible.get(files.RECORD))
        if files.RECORD in visible:
            assert visible in (_report("old"), _report("new"))
        _write(place, "newest", ["report.html"])
        assert _contents(own) == _report("newest", "report.html")
        step += 1
    assert step > 10
    assert seen == {'"old"', None, '"new"'}


def test_an_error_leaves_the_older_report(bucket, output):
    _write(output, "old")
    with pytest.raises(ZeroDivisionError), outputs.replacing(output, "{}"):
        raise ZeroDivisionError
    assert _contents(bucket) == _report("old")


def test_two_reports_cannot_be_written_to_one_place_at_once(bucket, output):
    with bucket_files.replacing(output, '"first"') as folder:
        (folder / "report.html").write_text("first")
        with pytest.raises(files.OutputError, match="another report is being written"):
            _write(output, "second")
    assert _contents(bucket) == _report("first", "report.html")


def test_a_place_that_is_no_report_is_kept(bucket, output):
    bucket.blob("reports/autumn/letter.txt").upload_from_string("x")
    with pytest.raises(files.OutputError, match="holds something else than a report"):
        outputs.check(output)
    assert _contents(bucket) == {"letter.txt": "x"}


def test_a_bucket_that_is_not_there_is_named_before_the_work(bucket):
    with pytest.raises(roots.StorageError, match="gs://tests-nowhere: no such bucket"):
        outputs.check("gs://tests-nowhere/reports")
