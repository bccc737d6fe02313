"""Answers over a span of days: `tillage report --warehouse W --from D --to D …`."""

import sys
import time
from collections.abc import Sequence

from pipelines import flags, report_options
from pipelines.inference import bundle as bundles
from pipelines.publishing import partitions
from pipelines.reporting import (
    answering,
    calibrations,
    files,
    models,
    outputs,
    publication,
    settings,
    spans,
)
from pipelines.storage import roots

_BAD_INPUT = (
    flags.UsageError,
    partitions.WarehouseError,
    bundles.BundleError,
    models.ModelError,
    calibrations.UnanswerableError,
    files.OutputError,
    roots.StorageError,
)


def main(argv: Sequence[str]) -> int:
    """Writes one report.

    Args:
      argv: Flags; see `tillage report --help`.

    Returns:
      0 written, 1 a bucket does not answer, 2 bad usage or input.
    """
    started = time.monotonic()
    try:
        wanted = report_options.parse(argv)
        said = report(wanted)
    except roots.UnavailableError as error:
        return _fail(error, 1)
    except _BAD_INPUT as error:
        return _fail(error, 2)
    print("\n".join(said))
    print(f"{'seconds':<22}  {time.monotonic() - started:.1f}")
    return 0


def report(wanted: settings.ReportConfig) -> list[str]:
    """Reads, answers and writes.

    Returns:
      What was found, line by line.

    Raises:
      flags.UsageError, partitions.WarehouseError, bundles.BundleError,
      models.ModelError, calibrations.UnanswerableError, files.OutputError,
      roots.StorageError: what is asked for cannot be answered or written; the message
        says why.
    """
    outputs.check(wanted.output)
    bundle = bundles.load(wanted.bundle or bundles.default_folder())
    _say(f"reading {wanted.num_days} days of {wanted.warehouse}")
    span = spans.read(
        wanted.warehouse,
        wanted.first_day,
        wanted.last_day,
        wanted.level,
        history_days=answering.HISTORY_DAYS,
    )
    models.check(span.runs, bundle)
    _say(f"answering from {len(span.dates)} published days")
    found = answering.answer(span, bundle, wanted)
    _say(f"writing {wanted.output}")
    publication.write(found, bundle)
    return publication.summary(found)


def _fail(error: Exception, code: int) -> int:
    print(f"tillage report: {error}", file=sys.stderr)
    return code


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
