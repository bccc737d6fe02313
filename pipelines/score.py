"""The nightly job: `tillage score --input ROOT --output WAREHOUSE --date D`."""

import datetime
import sys
from collections.abc import Sequence

from pipelines import exit_codes, flags, nights, options, plan, preflight, secret
from pipelines.domain import stores
from pipelines.exit_codes import ExitCode
from pipelines.inference import bundle, engines
from pipelines.publishing import locks, publish
from pipelines.storage import roots
from pipelines.supervision import outages

_BAD_INPUT = (
    flags.UsageError,
    preflight.InputError,
    secret.SecretError,
    bundle.BundleError,
    engines.EngineError,
    roots.StorageError,
    stores.StoresError,
)


def main(argv: Sequence[str]) -> int:
    """Scores and publishes one trading day.

    Args:
      argv: Flags; see `tillage score --help`.

    Returns:
      0 published, or handed over to Dataflow, which tells in `runs` what became of
      it; 1 refused or failed, 2 bad usage or input; with --detailed-exit-codes one of
      `ExitCode`; 129, 130 or 143 after a signal.
    """
    try:
        settings, beam_flags = options.parse(argv)
        now = datetime.datetime.now(datetime.UTC)
        night = plan.make(settings, publish.new_run_id(now), now, now)
        preflight.check(night)
    except roots.UnavailableError as error:
        return _fail(error, ExitCode.FAILED)
    except _BAD_INPUT as error:
        return _fail(error, ExitCode.BAD_INPUT)
    print(night.bundle.card.license_notice, file=sys.stderr)
    code = _carry_out(night, argv, beam_flags)
    return exit_codes.shown(code, is_detailed=settings.has_detailed_exit_codes)


def _carry_out(night: plan.Plan, argv: Sequence[str], beam_flags: Sequence[str]) -> int:
    try:
        with locks.day_lock(night.day):
            run = nights.run(night, argv, beam_flags)
    except locks.DayIsLockedError as error:
        return _fail(error, ExitCode.DAY_IS_LOCKED)
    except roots.StorageError as error:
        return _fail(error, ExitCode.FAILED)
    except nights.FailedRunError as failure:
        return failure.exit_code
    except OSError as error:
        line = outages.line(str(error), night.settings.output_root)
        if line is None:
            raise
        print(line, file=sys.stderr)
        return ExitCode.FAILED
    if run is None:
        print(_handed_over(night))
        return ExitCode.PUBLISHED
    print("\n".join(publish.summary_lines(night.day, run)))
    return ExitCode.PUBLISHED if run["is_published"] else ExitCode.REFUSED


def _handed_over(night: plan.Plan) -> str:
    return (
        f"{night.settings.date}: the job is Dataflow's now; run {night.facts.run_id} "
        f"has its verdict in {night.day.warehouse}/runs/{night.day.partition}"
    )


def _fail(error: Exception, code: int) -> int:
    print(f"tillage score: {error}", file=sys.stderr)
    return code
