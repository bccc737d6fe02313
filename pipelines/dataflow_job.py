"""Runs the graph of a night on Dataflow."""

import logging
import re
import sys
import threading
from collections.abc import Sequence
from typing import cast

import apache_beam as beam
from apache_beam.options import pipeline_options
from apache_beam.runners.dataflow import dataflow_runner
from apache_beam.runners.dataflow.internal import apiclient
from google.api_core import exceptions
from google.auth import exceptions as auth_exceptions

from pipelines import dataflow, graph, plan, remote_job
from pipelines.publishing import locks
from pipelines.supervision import outages, stopping, worker_logs

_LOGGER = logging.getLogger(__name__)
# Requests over a connection that fails raise an OSError.
_NO_ANSWER = (exceptions.GoogleAPIError, auth_exceptions.GoogleAuthError, OSError)
_IS_TAKEN = re.compile(r"already (an )?active job")
# By experience of Beam's, the reason of a failure comes within 50.
_SECONDS_FOR_LAST_WORDS = 60.0


def run(night: plan.Plan, beam_flags: Sequence[str]) -> int | None:
    """Submits a night and sees it to its end, unless it shall go on alone.

    Nothing that lies in the warehouse is touched before Dataflow has taken the job: it
    may be what a job of the same day has staged, whose launcher is gone.

    Args:
      night: What to do.
      beam_flags: Flags for Beam and its runner.

    Returns:
      None: it goes on without this process; else see `remote_job.see_through`.

    Raises:
      locks.DayIsLockedError: a job of that name is at work.
    """
    worker_logs.configure()
    _show_messages()
    flags = dataflow.with_defaults(night.settings, beam_flags)
    options = pipeline_options.PipelineOptions(flags)
    service = dataflow_runner.DataflowRunner()
    root = beam.Pipeline(runner=service, options=options)
    graph.build(root, night)
    with stopping.noted() as stop:
        try:
            job = _submit(root, options)
            # A template's launcher starts it later.
            if not job.has_job:
                return None
            if _is_left_alone(options) and stop.signal_number is None:
                return None
            return _see_through(job, service, stop)
        except _NO_ANSWER as error:
            if outages.line(str(error), night.settings.output_root):
                raise
            what = (
                f"Dataflow refuses, or does not answer: {remote_job.first_line(error)}"
            )
            return remote_job.fail(f"{what}; {remote_job.LOOK_THERE}", stop)


def _is_left_alone(options: pipeline_options.PipelineOptions) -> bool:
    standard = options.view_as(pipeline_options.StandardOptions)
    return bool(standard.no_wait_until_finish)


def _submit(
    root: beam.Pipeline, options: pipeline_options.PipelineOptions
) -> dataflow_runner.DataflowPipelineResult:
    cloud = options.view_as(pipeline_options.GoogleCloudOptions)
    try:
        job = cast(dataflow_runner.DataflowPipelineResult, root.run())
    # The service says it in one way or in the other.
    except (apiclient.DataflowJobAlreadyExistsError, exceptions.Conflict) as error:
        if not _IS_TAKEN.search(str(error)):
            raise
        raise locks.DayIsLockedError(
            f"a job named {cloud.job_name} is at work on Dataflow; wait for it or stop "
            "it, then start this one again; or give --job_name, if it is another "
            "warehouse's"
        ) from error
    if job.has_job:
        print(
            "watch the job at https://console.cloud.google.com/dataflow/jobs/"
            f"{cloud.region}/{job.job_id()}?project={cloud.project}",
            file=sys.stderr,
        )
    return job


def _see_through(
    job: dataflow_runner.DataflowPipelineResult,
    service: dataflow_runner.DataflowRunner,
    stop: stopping.StopRequest,
) -> int:
    listening = threading.Thread(target=_log_messages, args=[job, service], daemon=True)
    listening.start()

    def last_words() -> str:
        listening.join(_SECONDS_FOR_LAST_WORDS)
        # Beam's, and set by it when the job has ended.
        words = (getattr(service, "last_error_msg", None) or "").strip()
        return words.splitlines()[-1] if words else "nothing more is known"

    code = remote_job.see_through(job, stop, last_words)
    # It writes to the log, which must not be while the process ends.
    listening.join(_SECONDS_FOR_LAST_WORDS)
    return code


def _log_messages(
    job: dataflow_runner.DataflowPipelineResult,
    service: dataflow_runner.DataflowRunner,
) -> None:
    try:
        service.poll_for_job_completion(service, job, None)
    except _NO_ANSWER as error:
        _LOGGER.warning(
            "the job's messages cannot be read: %s", remote_job.first_line(error)
        )


def _show_messages() -> None:
    """Lets Beam log what the service says of the job."""
    logging.getLogger(dataflow_runner.__name__).setLevel(logging.INFO)
    # It gives requests and answers in full, and raises all that it calls an error.
    logging.getLogger(apiclient.__name__).disabled = True
