"""One supervised attempt at a night: builds the graph and runs it to its end.

`tillage score` starts it as `python -m pipelines.job RUN_ID STARTED_AT FLAGS…`.
"""

import datetime
import sys
from collections.abc import Sequence

import apache_beam as beam
from apache_beam.options import pipeline_options
from apache_beam.portability.api import beam_provision_api_pb2
from apache_beam.runners.job import utils as job_utils
from apache_beam.runners.portability.fn_api_runner import fn_runner

from pipelines import graph, options, plan
from pipelines.supervision import supervise, worker_logs

_EACH_WORKER_IMPORTS = "pipelines.supervision.worker_plugin"


def run(night: plan.Plan, beam_flags: Sequence[str]) -> None:
    """Runs the graph of a night and waits for its end.

    Args:
      night: What to do.
      beam_flags: Flags for Beam, beyond those that follow from the plan.
    """
    beam_options = pipeline_options.PipelineOptions(_all_flags(night, beam_flags))
    with beam.Pipeline(runner=_runner(), options=beam_options) as root:
        graph.build(root, night)


def main(argv: Sequence[str]) -> int:
    """Runs one attempt.

    Args:
      argv: Run id, start of the run (ISO 8601), and the flags of `tillage score`.

    Returns:
      0; whether the day is published stands in the run's row of `runs`.
    """
    supervise.die_with_parent()
    run_id, started_at, *flags = argv
    settings, beam_flags = options.parse(flags)
    worker_logs.configure(settings.output_root)
    night = plan.make(
        settings,
        run_id=run_id,
        started_at_utc=datetime.datetime.fromisoformat(started_at),
        attempt_started_at_utc=datetime.datetime.now(datetime.UTC),
    )
    run(night, beam_flags)
    return 0


def _runner() -> fn_runner.FnApiRunner:
    # Workers are told none of the options that the graph is run with.
    told = job_utils.dict_to_struct({"beam_plugins": [_EACH_WORKER_IMPORTS]})
    provision = beam_provision_api_pb2.ProvisionInfo(pipeline_options=told)
    # Not DirectRunner: it looks for another runner, and downloads it, first.
    return fn_runner.FnApiRunner(
        provision_info=fn_runner.ExtendedProvisionInfo(provision)
    )


def _all_flags(night: plan.Plan, beam_flags: Sequence[str]) -> list[str]:
    mode = "multi_processing" if night.num_workers > 1 else "in_memory"
    return [
        *beam_flags,
        f"--direct_num_workers={night.num_workers}",
        f"--direct_running_mode={mode}",
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
