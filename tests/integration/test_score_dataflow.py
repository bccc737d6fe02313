"""Days handed to Dataflow, by Beam's own client, with a stand-in for the service."""

import datetime
import signal

import pytest

from pipelines import config
from pipelines.exit_codes import ExitCode
from pipelines.inference import bundle
from tests import buckets
from tests.integration import commands, dataflow_jobs, dataflow_service

pytestmark = pytest.mark.slow

_STATE = "chain/.tillage"
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
    with service.running() as reaching:
        yield lambda **more: dataflow_jobs.launch(
            chain, emulator, tmp_path, reaching=reaching, **more
        )


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


@pytest.mark.parametrize("gives_existing", [True, False])
def test_a_day_that_is_at_work_is_refused_and_goes_on(
    launch, service, chain, scored, tmp_path, gives_existing
):
    service.gives_existing = gives_existing
    killed = launch()
    [job] = commands.until(lambda: list(service.jobs.values()))
    killed.kill()
    killed.communicate()
    # A killed launcher on this machine holds no lock, and the job waits for us.
    job.process.send_signal(signal.SIGSTOP)
    staged = _put_staged(chain)

    second = commands.end(launch(detailed_exit_codes="true"))
    assert staged <= _names(chain)
    job.process.send_signal(signal.SIGCONT)
    job.process.wait()

    assert second.code == ExitCode.DAY_IS_LOCKED
    said = second.stderr.splitlines()[-1]
    assert said.startswith(f"tillage score: a job named tillage-{commands.DATE} is at")
    assert "Traceback" not in second.stderr
    assert job.state == "JOB_STATE_DONE"
    copy = _copy(chain, tmp_path / "copy")
    assert commands.published(copy) == commands.published(scored)
