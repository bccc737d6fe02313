"""Days scored by an engine of several processes, through its job endpoint."""

import signal

import pandas as pd
import psutil
import pytest

from tests import buckets, engines
from tests.integration import commands

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def prism():
    with engines.prism() as endpoint:
        yield endpoint


@pytest.fixture
def chain(bucket, tills):
    """Inputs in a bucket, and a place for tables beside them."""
    return buckets.upload(tills, bucket, "tills/"), f"gs://{bucket.name}/chain"


@pytest.fixture
def pool(bucket):
    with engines.pool() as found:
        yield found


def _start(chain, prism, pool, *more):
    flags = [
        "--runner=PortableRunner",
        f"--job_endpoint={prism}",
        "--environment_type=EXTERNAL",
        f"--environment_config={pool.address}",
    ]
    return commands.start(*commands.score_flags(*chain, *flags, *more))


def _wait_for_scores(bucket):
    def kept():
        names = [blob.name for blob in bucket.list_blobs(prefix="chain/.tillage/kept/")]
        return [name for name in names if "chunk-" in name]

    return commands.until(kept)


def _copy(bucket, folder):
    return buckets.download(bucket, folder) / "chain"


def test_a_day_scored_on_prism_is_the_day_scored_in_process(
    bucket, chain, prism, pool, scored, tmp_path
):
    # A timeout that is over before the job is: it is for single answers alone.
    ended = commands.end(_start(chain, prism, pool, "--job_server_timeout=4"))

    assert ended.code == 0, ended.stderr
    copy = _copy(bucket, tmp_path)
    assert commands.published(copy) == commands.published(scored)
    reports = {tmp_path / "on_prism": chain[1], tmp_path / "in_process": scored}
    at_work = [_start_report(*place) for place in reports.items()]
    assert [commands.end(process).code for process in at_work] == [0, 0]
    found, expected = map(_csv_files, reports)
    assert found == expected


def _start_report(report, warehouse):
    days = [f"--from={commands.DATE}", f"--to={commands.DATE}"]
    places = [f"--warehouse={warehouse}", f"--output={report}"]
    return commands.start("report", *days, *places)


def _csv_files(report):
    files = {path.name: path.read_bytes() for path in report.glob("csv/*.csv")}
    assert files
    return files


def test_a_lost_pool_fails_the_job_and_the_next_run_ends_it_on_another(
    bucket, chain, prism, pool, scored, tmp_path
):
    with engines.pool() as lost:
        process = _start(chain, prism, lost)
        _wait_for_scores(bucket)
        lost.kill()
        failed = commands.end(process)
    untouched = commands.published(_copy(bucket, tmp_path / "failed"))
    ended = commands.end(_start(chain, prism, pool))

    assert failed.code == 1
    last = failed.stderr.splitlines()[-1]
    assert last.startswith("tillage score: the job ended as FAILED: ")
    assert "SDK worker disconnected" in last
    assert "Traceback" not in failed.stderr
    assert untouched == {}
    assert ended.code == 0, ended.stderr
    copy = _copy(bucket, tmp_path / "ended")
    assert commands.published(copy) == commands.published(scored)
    [run] = [pd.read_parquet(path) for path in copy.glob("runs/*/*.parquet")]
    assert run["photos_resumed"].item() > 0


def test_a_stopped_run_takes_its_job_along(bucket, chain, prism, pool, tmp_path):
    process = _start(chain, prism, pool)
    _wait_for_scores(bucket)
    workers = pool.workers()
    process.send_signal(signal.SIGTERM)
    stopped = commands.end(process)

    assert stopped.code == 128 + signal.SIGTERM
    assert "stopped; start the same command again to resume" in stopped.stderr
    assert psutil.wait_procs(workers, timeout=30)[1] == []
    assert commands.published(_copy(bucket, tmp_path)) == {}
    assert not list(bucket.list_blobs(prefix="chain/.tillage/locks/"))
