"""Runs the graph of a night on another Beam runner, such as a cluster's."""

import sys
import time
from collections.abc import Sequence

import apache_beam as beam
import grpc
from apache_beam.options import pipeline_options
from apache_beam.runners import runner

from pipelines import graph, plan
from pipelines.supervision import stopping, supervise, worker_logs

_SECONDS_BETWEEN_LOOKS = 1.0
_SECONDS_TO_CANCEL = 60.0
_RESUMES = "start the same command again: scores that were kept are not computed twice"


def run(night: plan.Plan, beam_flags: Sequence[str]) -> int:
    """Submits a night and sees it to its end.

    Args:
      night: What to do.
      beam_flags: Flags for Beam and its runner.

    Returns:
      0 if the job came to its end; `supervise.FAILED` if it did not, and 130, 143 or
      129 if this process was interrupted, terminated or lost its terminal: the job is
      cancelled then. Why has been said.
    """
    worker_logs.configure()
    options = pipeline_options.PipelineOptions(list(beam_flags))
    root = beam.Pipeline(runner=night.settings.runner, options=options)
    graph.build(root, night)
    try:
        job = root.run()
        with stopping.noted() as stop:
            return _see_through(job, stop)
    except grpc.FutureTimeoutError:
        return _fail("nothing answers at the job endpoint; check --job_endpoint")
    except grpc.RpcError as error:
        words = error.details() if isinstance(error, grpc.Call) else error
        return _fail(
            f"the runner does not answer: {words}; if a job was started, see there "
            f"that it has ended, then {_RESUMES}"
        )


def _see_through(job: runner.PipelineResult, stop: stopping.StopRequest) -> int:
    # Not `wait_until_finish`: what it listens to is cut off after five minutes.
    while not runner.PipelineState.is_terminal(job.state):
        if stop.signal_number is not None:
            return _cancel(job, stop)
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    if job.state == runner.PipelineState.DONE:
        return 0
    return _fail(f"the job ended as {job.state}: {_last_words(job)}; {_RESUMES}")


def _cancel(job: runner.PipelineResult, stop: stopping.StopRequest) -> int:
    job.cancel()
    deadline = time.monotonic() + _SECONDS_TO_CANCEL
    while not runner.PipelineState.is_terminal(job.state):
        if time.monotonic() > deadline:
            return _fail(f"the job was told to stop, and is {job.state} still")
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    print("stopped; start the same command again to resume", file=sys.stderr)
    return stop.exit_code


def _last_words(job: runner.PipelineResult) -> str:
    """Gives the last line of what a failed job says; the rest is logged."""
    try:
        job.wait_until_finish()
    # That is how Beam says that a job failed.
    except RuntimeError as error:
        return str(error).strip().splitlines()[-1]
    return "nothing more is known"


def _fail(message: str) -> int:
    print(f"tillage score: {message}", file=sys.stderr)
    return supervise.FAILED
