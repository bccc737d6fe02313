"""Runs the pipeline of a Dataflow job, as it was sent, on Beam's in-process runner.

`python sent_job.py PIPELINE.pb [HOST:PORT of a worker pool]`; needs Beam alone, so that
any installation can run it. Only the container image is replaced, and the staging
bucket, by the pipeline's folder.
"""

import pathlib
import sys

from apache_beam.options import pipeline_options
from apache_beam.portability import common_urns, python_urns
from apache_beam.portability.api import beam_runner_api_pb2, endpoints_pb2
from apache_beam.runners import runner
from apache_beam.runners.portability.fn_api_runner import fn_runner


def main(path: str, worker_pool: str = "") -> None:
    """Runs it to its end, in this process or by the workers of a pool."""
    sent = beam_runner_api_pb2.Pipeline.FromString(pathlib.Path(path).read_bytes())
    for environment in sent.components.environments.values():
        for dependency in environment.dependencies:
            _find_beside(dependency, pathlib.Path(path).parent)
        if worker_pool:
            endpoint = endpoints_pb2.ApiServiceDescriptor(url=worker_pool)
            environment.urn = common_urns.environments.EXTERNAL.urn
            environment.payload = beam_runner_api_pb2.ExternalPayload(
                endpoint=endpoint
            ).SerializeToString()
        else:
            environment.urn = python_urns.EMBEDDED_PYTHON
            environment.payload = b""
    options = pipeline_options.PipelineOptions([])
    result = fn_runner.FnApiRunner().run_via_runner_api(sent, options)
    state = result.wait_until_finish()
    if state != runner.PipelineState.DONE:
        raise SystemExit(f"the job ended as {state}")


def _find_beside(
    dependency: beam_runner_api_pb2.ArtifactInformation, folder: pathlib.Path
) -> None:
    staged = beam_runner_api_pb2.ArtifactUrlPayload.FromString(dependency.type_payload)
    dependency.type_urn = common_urns.artifact_types.FILE.urn
    dependency.type_payload = beam_runner_api_pb2.ArtifactFilePayload(
        path=str(folder / staged.url.rsplit("/", 1)[-1]), sha256=staged.sha256
    ).SerializeToString()


if __name__ == "__main__":
    main(*sys.argv[1:])
