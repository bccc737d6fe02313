"""Runs the graph of a night on another Beam runner, such as a cluster's."""

import sys
import time
from collections.abc import Callable, Sequence

import apache_beam as beam
import grpc
from apache_beam.options import pipeline_options
from apache_beam.runners import runner

from pipelines import graph, plan
from pipelines.supervision import stopping, supervise, worker_logs

RESUMES = "start the same command again: scores that were kept are not computed twice"
"""What to do after a failure."""

LOOK_THERE = f"if a job was started, see there that it has ended, then {RESUMES}"
"""What to do where nobody knows what became of the job."""

_SECONDS_BETWEEN_LOOKS = 1.0
# Dataflow puts its machines away first.
_SECONDS_TO_CANCEL = 300.0


def run(night: plan.Plan, beam_flags: Sequence[str]) -> int:
    """Submits a night and sees it to its end.

    Args:
      night: What to do.
      beam_flags: Flags for Beam and its runner.

    Returns:
      See `see_through`.
    """
    worker_logs.configure()
    options = pipeline_options.PipelineOptions(list(beam_flags))
    root = beam.Pipeline(runner=night.settings.runner, options=options)
    graph.build(root, night)
    with stopping.noted() as stop:
        try:
            job = root.run()
            return see_through(job, stop, lambda: _last_words(job))
        except grpc.FutureTimeoutError:
            what = "nothing answers at the job endpoint; check --job_endpoint"
            return fail(what, stop)
        except grpc.RpcError as error:
            words = error.details() if isinstance(error, grpc.Call) else error
            what = f"the runner does not answer: {words}; {LOOK_THERE}"
            return fail(what, stop)


def see_through(
    job: runner.PipelineResult,
    stop: stopping.StopRequest,
    last_words: Callable[[], str],
) -> int:
    """Waits for the end of a job, or cancels it when this process is to stop.

    Args:
      job: A job that was submitted.
      stop: Whether somebody asks for that.
      last_words: Gives one line of what a failed job says.

    Returns:
      0 if the job came to its end; `supervise.FAILED` if it did not, and 130, 143 or
      129 if this process was interrupted, terminated or lost its terminal: the job is
      told to stop then. Why has been said.
    """
    # Not `wait_until_finish`: what it listens to is cut off after five minutes.
    while not runner.PipelineState.is_terminal(job.state):
        if stop.signal_number is not None:
            return _cancel(job, stop)
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    if job.state == runner.PipelineState.DONE:
        return 0
    return fail(f"the job ended as {job.state}: {last_words()}; {RESUMES}", stop)


def fail(message: str, stop: stopping.StopRequest) -> int:
    """Says why there is no verdict.

    Returns:
      `supervise.FAILED`, or what a shell expects if somebody asked for a stop.
    """
    print(f"tillage score: {message}", file=sys.stderr)
    return supervise.FAILED if stop.signal_number is None else stop.exit_code


def first_line(error: Exception) -> str:
    """Gives the first line of what an error says, or its kind if it says nothing."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def _cancel(job: runner.PipelineResult, stop: stopping.StopRequest) -> int:
    print("stopping the job", file=sys.stderr)
    job.cancel()
    deadline = time.monotonic() + _SECONDS_TO_CANCEL
    while not runner.PipelineState.is_terminal(job.state):
        if time.monotonic() > deadline:
            what = f"the job was told to stop, and is {job.state} still"
            return fail(what, stop)
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    if job.state == runner.PipelineState.DONE:
        # It had come to its end before it heard.
        return 0
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
