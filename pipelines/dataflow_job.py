"""Runs the graph of a night on Dataflow."""

import logging
from collections.abc import Sequence

import apache_beam as beam
from apache_beam.options import pipeline_options
from apache_beam.runners.dataflow.internal import apiclient
from google.api_core import exceptions

from pipelines import dataflow, graph, plan
from pipelines.publishing import locks
from pipelines.supervision import worker_logs


def run(night: plan.Plan, beam_flags: Sequence[str]) -> bool:
    """Submits a night and waits for its end.

    Nothing that lies in the warehouse is touched before Dataflow has taken the job: it
    may be what a job of the same day has staged, whose launcher is gone.

    Args:
      night: What to do.
      beam_flags: Flags for Beam and its runner.

    Returns:
      Whether it goes on without this process.

    Raises:
      locks.DayIsLockedError: a job of that name is at work.
    """
    worker_logs.configure()
    _show_job_log()
    flags = dataflow.with_defaults(night.settings, beam_flags)
    options = pipeline_options.PipelineOptions(flags)
    root = beam.Pipeline(runner=night.settings.runner, options=options)
    graph.build(root, night)
    try:
        job = root.run()
    # The service says it in one way or in the other.
    except (apiclient.DataflowJobAlreadyExistsError, exceptions.Conflict) as error:
        name = options.view_as(pipeline_options.GoogleCloudOptions).job_name
        raise locks.DayIsLockedError(
            f"a job named {name} is at work on Dataflow; wait for it or stop it, then "
            "start this one again; or give --job_name, if it is another warehouse's"
        ) from error
    job.wait_until_finish()
    return dataflow.is_handed_over(beam_flags)


def _show_job_log() -> None:
    """Lets Beam say what becomes of the job, and where it can be watched."""
    logging.getLogger("apache_beam.runners.dataflow").setLevel(logging.INFO)
    # It gives requests and answers in full, and raises all that it calls an error.
    logging.getLogger(apiclient.__name__).disabled = True
