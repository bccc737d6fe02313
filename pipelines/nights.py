"""Runs a night to its end: supervised on this machine, or on another Beam runner."""

import contextlib
import os
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

from pipelines import plan
from pipelines.publishing import publish
from pipelines.supervision import progress, supervise


class FailedRunError(Exception):
    """The run ended without a verdict; why has been said.

    Attributes:
      exit_code: For the process.
    """

    def __init__(self, exit_code: int) -> None:
        """Takes the exit code."""
        super().__init__(f"exit code {exit_code}")
        self.exit_code = exit_code


def run(
    night: plan.Plan, argv: Sequence[str], beam_flags: Sequence[str]
) -> dict[str, Any] | None:
    """Scores, joins and publishes, or is refused.

    Only the holder of the day's lock may call it.

    Args:
      night: What to do.
      argv: Flags of `tillage score`, for the workers.
      beam_flags: Those of them that are for Beam.

    Returns:
      The run's row of `runs`; None: it was handed over to Dataflow, and will have its
      row when it is over.

    Raises:
      locks.DayIsLockedError: Dataflow runs a job of the day.
      FailedRunError: it could not be carried to its end.
    """
    # On Dataflow the day's lock tells nothing: a job goes on when its launcher is gone.
    # The name of the job keeps others out, and its own last step clears away.
    if not night.settings.is_on_dataflow:
        publish.recover(night.day)
        night.scores.sweep()
    if night.settings.runner:
        code = _run_elsewhere(night, beam_flags)
    else:
        code = _run_supervised(night, argv)
    if code is None:
        return None
    if code:
        raise FailedRunError(code)
    row = publish.read_run(night.day, night.facts.run_id)
    if row is None:
        print(
            f"tillage score: the job ended, but not in {night.day.warehouse}; its "
            "workers must reach the same place by that name",
            file=sys.stderr,
        )
        raise FailedRunError(supervise.FAILED)
    return row


def _run_elsewhere(night: plan.Plan, beam_flags: Sequence[str]) -> int | None:
    # Beam takes seconds to import, which a supervisor need not spend.
    if night.settings.is_on_dataflow:
        from pipelines import dataflow_job

        return dataflow_job.run(night, beam_flags)
    from pipelines import remote_job

    return remote_job.run(night, beam_flags)


def _run_supervised(night: plan.Plan, argv: Sequence[str]) -> int:
    facts = night.facts
    started_at = facts.started_at_utc.isoformat()
    command = [sys.executable, "-m", "pipelines.job", facts.run_id, started_at, *argv]
    with contextlib.closing(progress.display(sys.stderr)) as display:
        return supervise.Supervisor(
            command,
            _WORKER_ENVIRONMENT,
            work_folder=night.day.work_path,
            kept_folder=f"{night.day.warehouse}/{night.scores.folder}",
            hang_seconds=night.settings.hang_seconds,
            on_poll=display.show,
        ).run()


# The workers run the code of this process, wherever they are started.
_CODE = str(pathlib.Path(__file__).parents[1])
_WORKER_ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join(
        filter(None, [_CODE, os.environ.get("PYTHONPATH", "")])
    ),
    "PYTHONSAFEPATH": "1",
    # One process a core: libraries that start threads of their own would fight.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # What dozens of short-lived threads free would otherwise stay with the process:
    # two arenas for all of them, and large pieces given back at once.
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(4 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(8 * 2**20),
}
