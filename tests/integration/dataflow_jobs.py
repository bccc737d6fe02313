"""Starts jobs as a Dataflow template does, with a bucket in place of the cloud.

With `--template_location`, Beam writes the job there and its pipeline to the staging
bucket, and calls no service; Dataflow's launcher has it do so too.
"""

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from apache_beam.portability.api import beam_runner_api_pb2
from google.cloud import storage

from pipelines import secret
from tests import buckets
from tests.integration import commands

IMAGE = "europe-west4-docker.pkg.dev/chain-project/tillage/tillage:1"
_ROOT = pathlib.Path(__file__).parents[2]
_SENT_JOB = pathlib.Path(__file__).with_name("sent_job.py")


@dataclasses.dataclass(frozen=True)
class Job:
    """A job that was written down.

    Attributes:
      ended: The launcher's command.
      bucket: Holds inputs, key, job and warehouse.
      description: What would be sent to Dataflow.
      pipeline: Path of the serialized pipeline, beside all else that is staged.
    """

    ended: commands.Ended
    bucket: storage.Bucket
    description: dict[str, Any]
    pipeline: pathlib.Path

    def proto(self) -> beam_runner_api_pb2.Pipeline:
        """Parses the pipeline."""
        return beam_runner_api_pb2.Pipeline.FromString(self.pipeline.read_bytes())


def write(
    emulator: buckets.Emulator,
    tills: pathlib.Path,
    folder: pathlib.Path,
    python: str = sys.executable,
) -> Job:
    """Puts a day and a key into a new bucket, and has its job written down.

    Args:
      emulator: Where the bucket is made.
      tills: A rendered day.
      folder: Empty folder, for the job's files.
      python: Interpreter of an installation of Tillage.
    """
    bucket = new_chain(emulator, tills)
    place = {"template_location": f"gs://{bucket.name}/launches/job_object"}
    ended = commands.end(launch(bucket, emulator, folder, python, **place))
    assert ended.code == 0, ended.stderr
    for staged in bucket.list_blobs(prefix="staging/"):
        staged.download_to_filename(str(folder / pathlib.Path(staged.name).name))
    written = json.loads(bucket.blob("launches/job_object").download_as_bytes())
    return Job(ended, bucket, written, folder / "pipeline.pb")


def new_chain(emulator: buckets.Emulator, tills: pathlib.Path) -> storage.Bucket:
    """Puts a day and a key into a new bucket."""
    bucket = emulator.new_bucket()
    buckets.upload(tills, bucket, "tills/")
    bucket.blob("secrets/key").upload_from_string(commands.KEY)
    return bucket


def launch(
    bucket: storage.Bucket,
    emulator: buckets.Emulator,
    folder: pathlib.Path,
    python: str = sys.executable,
    reaching: Mapping[str, str] | None = None,
    **more: str,
) -> subprocess.Popen[str]:
    """Starts a run of the day as the launcher of a template does.

    Args:
      bucket: Holds inputs and key.
      emulator: Where it is.
      folder: Where to work.
      python: Interpreter of an installation of Tillage.
      reaching: Variables that lead to a service.
      more: Parameters beside those of every run; a switch of Beam's has no value.
    """
    command = [python, str(_ROOT / "deploy" / "dataflow" / "launch.py")]
    given = _parameters(bucket.name) | more
    flags = [
        f"--{name}={value}" if value else f"--{name}" for name, value in given.items()
    ]
    return _start([*command, *flags], environment(emulator) | (reaching or {}), folder)


def run(
    job: Job,
    emulator: buckets.Emulator,
    folder: pathlib.Path,
    python: str = sys.executable,
    worker_pool: Sequence[str] = (),
) -> commands.Ended:
    """Runs a job in a process that has nothing but the job and its bucket."""
    command = [python, str(_SENT_JOB), str(job.pipeline), *worker_pool]
    return commands.end(_start(command, environment(emulator), folder))


def environment(emulator: buckets.Emulator) -> dict[str, str]:
    """Gives the environment of a machine without a key that reaches the bucket."""
    kept = {
        name: value for name, value in os.environ.items() if name != secret.VARIABLE
    }
    return kept | {"STORAGE_EMULATOR_HOST": emulator.address}


def _start(
    command: Sequence[str],
    variables: Mapping[str, str],
    folder: pathlib.Path,
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _parameters(bucket: str) -> dict[str, str]:
    return {
        "input": f"gs://{bucket}/tills",
        "output": f"gs://{bucket}/chain",
        "date": commands.DATE,
        "pseudonym_key_file": f"gs://{bucket}/secrets/key",
        "allow_shrink": "true",
        "sdk_container_image": IMAGE,
        "runner": "DataflowRunner",
        "project": "chain-project",
        "region": "europe-west4",
        "job_name": f"tillage-{commands.DATE}",
        "staging_location": f"gs://{bucket}/staging",
        "temp_location": f"gs://{bucket}/temp",
        "service_account_email": "night@chain-project.iam.gserviceaccount.com",
        "machine_type": "n2-standard-8",
        "max_num_workers": "4",
        # An address without Google's checks of the buckets: there are none here.
        "dataflow_endpoint": "http://localhost",
        "no_use_public_ips": "",
        "no_auth": "",
    }
