"""The job that Dataflow would get, down to its bytes, and what it does."""

import base64
import bz2
import pathlib

import pytest
from apache_beam.portability.api import beam_runner_api_pb2

from tests import buckets
from tests.integration import commands, dataflow_jobs

pytestmark = pytest.mark.slow

_ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def job(emulator, tills, tmp_path_factory) -> dataflow_jobs.Job:
    return dataflow_jobs.write(emulator, tills, tmp_path_factory.mktemp("job"))


def test_the_launcher_says_where_the_verdict_will_be(job):
    place = f"gs://{job.bucket.name}/chain/runs/date={commands.DATE}"
    assert f"has its verdict in {place}" in job.ended.stdout
    assert "Traceback" not in job.ended.stderr
    assert not list(job.bucket.list_blobs(prefix="chain/.tillage/locks"))


def test_the_job_asks_for_what_was_asked(job):
    environment = job.description["environment"]
    [pool] = environment["workerPools"]
    [image] = pool["sdkHarnessContainerImages"]
    assert job.description["name"] == f"tillage-{commands.DATE}"
    assert job.description["type"] == "JOB_TYPE_BATCH"
    assert image["containerImage"] == dataflow_jobs.IMAGE
    # One process a core, and one thread in each.
    assert image["useSingleCorePerContainer"] is True
    assert "use_multiple_sdk_containers" in environment["experiments"]
    assert "use_runner_v2" in environment["experiments"]
    assert pool["numThreadsPerWorker"] == 1
    assert pool["machineType"] == "n2-standard-8"
    assert pool["autoscalingSettings"]["maxNumWorkers"] == 4
    assert pool["ipConfiguration"] == "WORKER_IP_PRIVATE"
    assert environment["serviceAccountEmail"].startswith("night@chain-project.")
    assert environment["tempStoragePrefix"].startswith(
        f"storage.googleapis.com/{job.bucket.name}/temp/"
    )


def test_every_step_runs_in_the_one_image(job):
    [environment] = job.proto().components.environments.values()
    docker = beam_runner_api_pb2.DockerPayload.FromString(environment.payload)
    assert environment.urn == "beam:env:docker:v1"
    assert docker.container_image == dataflow_jobs.IMAGE
    # Hints on one step would give it an environment of its own, and send pixels
    # through a shuffle.
    assert not environment.resource_hints
    for dependency in environment.dependencies:
        assert f"gs://{job.bucket.name}/staging/".encode() in dependency.type_payload


def test_keys_have_one_encoding_each(job):
    components = job.proto().components
    keys = {
        transform.unique_name: _key_coder(components, transform)
        for transform in components.transforms.values()
        if transform.spec.urn == "beam:transform:group_by_key:v1"
    }
    assert len(keys) > 10
    for name, coder in keys.items():
        is_plain = coder.spec.urn in (
            "beam:coder:string_utf8:v1",
            "beam:coder:varint:v1",
        )
        is_checked = b"DeterministicFastPrimitivesCoder" in coder.spec.payload
        assert is_plain or is_checked, name


def test_no_secret_and_no_place_of_this_machine_travels(job, tills):
    bytes_of = _everything(job)
    assert f"gs://{job.bucket.name}/secrets/key".encode() in bytes_of
    assert commands.KEY.encode() not in bytes_of
    assert str(tills).encode() not in bytes_of
    assert b"pathlib" not in bytes_of
    # Python notes where a function of Beam's own was written.
    ours = bytes_of.replace(f"{_ROOT}/.venv/".encode(), b"")
    assert str(_ROOT).encode() not in ours


def test_the_job_publishes_elsewhere_what_is_published_here(
    job, emulator, scored, tmp_path
):
    ended = dataflow_jobs.run(job, emulator, tmp_path)

    assert ended.code == 0, ended.stderr
    copy = buckets.download(job.bucket, tmp_path / "copy") / "chain"
    assert commands.published(copy) == commands.published(scored)


def _key_coder(components, transform):
    [source] = transform.inputs.values()
    coder = components.coders[components.pcollections[source].coder_id]
    return components.coders[coder.component_coder_ids[0]]


def _everything(job) -> bytes:
    """All bytes of the pipeline, pickled functions unpacked."""
    functions = [
        beam_runner_api_pb2.ParDoPayload.FromString(transform.spec.payload).do_fn
        for transform in job.proto().components.transforms.values()
        if transform.spec.urn == "beam:transform:pardo:v1"
    ]
    unpacked = [
        bz2.decompress(base64.b64decode(function.payload))
        for function in functions
        if function.payload
    ]
    assert len(unpacked) > 50
    return job.pipeline.read_bytes() + b"".join(unpacked)
