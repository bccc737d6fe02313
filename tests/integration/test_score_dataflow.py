"""Days handed to Dataflow, by Beam's own client, with a stand-in for the service."""

import datetime
import re
import signal

import pytest

from pipelines import config
from pipelines.exit_codes import ExitCode
from pipelines.inference import bundle
from tests import buckets
from tests.integration import commands, dataflow_jobs, dataflow_service

pytestmark = pytest.mark.slow

_STATE = "chain/.tillage"
_WATCH = (
    "watch the job at https://console.cloud.google.com/dataflow/jobs/europe-west4/"
    "job-0?project=chain-project"
)
_STAGED = f"{_STATE}/staging/{commands.DATE}/"


@pytest.fixture
def chain(emulator, tills):
    return dataflow_jobs.new_chain(emulator, tills)


@pytest.fixture
def service(emulator, tmp_path):
    return dataflow_service.Service(emulator, tmp_path)


@pytest.fixture
def launch(service, emulator, chain, tmp_path):
    """Starts a run, as of a launcher's machine of its own."""
    launched = []

    def start(**more):
        launched.append(
            dataflow_jobs.launch(chain, emulator, tmp_path, reaching=reaching, **more)
        )
        return launched[-1]

    with service.running() as reaching:
        yield start
        for process in launched:
            process.kill()


def _put_staged(chain):
    """Puts there what a job stages whose launcher is gone."""
    settings = config.ScoreConfig(
        input_root="in", output_root="out", day=datetime.date(2026, 11, 21)
    )
    model = bundle.load(bundle.default_folder())
    kept = f"{_STATE}/kept/{commands.DATE}/{settings.scores_fingerprint(model.sha256)}"
    names = [f"{_STAGED}another-run/rejections/part-00000.parquet"]
    names += [f"{kept}/used-another-run.arrow"]
    for name in names:
        chain.blob(name).upload_from_string(b"staged")
    return set(names)


def _names(chain):
    return {blob.name for blob in chain.list_blobs(prefix=_STATE)}


def _copy(chain, folder):
    return buckets.download(chain, folder) / "chain"


def test_a_second_launch_of_a_day_leaves_alone_what_the_first_has_staged(launch, chain):
    staged = _put_staged(chain)

    place = {"template_location": f"gs://{chain.name}/launches/second"}
    ended = commands.end(launch(**place))

    assert ended.code == 0, ended.stderr
    assert staged <= _names(chain)


def test_a_run_is_seen_through_to_its_verdict(launch, chain, scored, tmp_path):
    ended = commands.end(launch())

    assert ended.code == 0, ended.stderr
    verdict = ended.stdout.splitlines()[-1]
    assert verdict.split(maxsplit=1) == [
        "verdict",
        f"published in gs://{chain.name}/chain",
    ]
    assert _WATCH in ended.stderr
    assert "Job job-0 is in state JOB_STATE_RUNNING" in ended.stderr
    # Not all that was asked of the service, and what it answered.
    assert "sdk_pipeline_options" not in ended.stderr
    copy = _copy(chain, tmp_path / "copy")
    assert commands.published(copy) == commands.published(scored)


@pytest.mark.parametrize("gives_existing", [True, False])
def test_a_day_that_is_at_work_is_refused_and_goes_on(
    launch, service, chain, scored, tmp_path, gives_existing
):
    service.gives_existing, service.holds_jobs = gives_existing, True
    first = commands.end(launch(no_wait_until_finish=""))
    [job] = service.jobs.values()
    staged = _put_staged(chain)

    second = commands.end(launch(detailed_exit_codes="true"))
    assert staged <= _names(chain)
    job.process.send_signal(signal.SIGCONT)
    job.process.wait()

    assert first.code == 0, first.stderr
    assert first.stderr.splitlines()[-1] == _WATCH
    [run_id] = re.findall(r"Dataflow's now; run (\S+) has its verdict", first.stdout)
    assert second.code == ExitCode.DAY_IS_LOCKED
    said = second.stderr.splitlines()[-1]
    assert said.startswith(f"tillage score: a job named tillage-{commands.DATE} is at")
    assert "Traceback" not in second.stderr
    assert job.state == "JOB_STATE_DONE"
    copy = _copy(chain, tmp_path / "copy")
    assert commands.published(copy) == commands.published(scored)
    assert [path.stem for path in copy.glob("runs/*/*.parquet")] == [run_id]


def test_a_stopped_run_takes_its_job_along(launch, service, chain, tmp_path):
    at_work = launch()
    [job] = commands.until(lambda: list(service.jobs.values()))
    at_work.send_signal(signal.SIGTERM)
    stopped = commands.end(at_work)

    assert stopped.code == 128 + signal.SIGTERM
    assert "stopped; start the same command again to resume\n" in stopped.stderr
    assert job.state == "JOB_STATE_CANCELLED"
    assert "Traceback" not in stopped.stderr
    assert commands.published(_copy(chain, tmp_path / "copy")) == {}
    assert not list(chain.list_blobs(prefix=f"{_STATE}/locks"))


def test_a_failed_job_is_one_line_with_its_last_words(launch, service, chain):
    service.holds_jobs = True
    at_work = launch()
    [job] = commands.until(lambda: list(service.jobs.values()))
    chain.blob("secrets/key").delete()
    job.process.send_signal(signal.SIGCONT)
    failed = commands.end(at_work)

    assert failed.code == ExitCode.FAILED
    said = failed.stderr.splitlines()[-1]
    assert said.startswith("tillage score: the job ended as FAILED: ")
    assert "/secrets/key" in said


def test_a_refusal_of_dataflow_is_one_line(launch, service):
    service.is_forbidden = True
    refused = commands.end(launch())

    assert refused.code == ExitCode.FAILED
    said = refused.stderr.splitlines()[-1]
    assert said.startswith("tillage score: Dataflow refuses, or does not answer: 403")
    assert "no dataflow.jobs.create" in said
    assert "Traceback" not in refused.stderr
