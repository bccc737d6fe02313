"""Retention: `tillage purge --warehouse WAREHOUSE --tables-after-days 400`."""

import datetime
import sys
from collections.abc import Sequence

from pipelines import flags, purge_options
from pipelines.publishing import partitions
from pipelines.retention import purging, summary, survey
from pipelines.storage import roots


def main(argv: Sequence[str]) -> int:
    """Deletes what is older than it may be.

    Args:
      argv: Flags; see `tillage purge --help`.

    Returns:
      0 purged, 1 a day could not be purged, 2 bad usage or input.
    """
    now = datetime.datetime.now(datetime.UTC)
    try:
        wanted = purge_options.parse(argv, now.date())
        dates = survey.days(wanted)
    except (flags.UsageError, roots.StorageError) as error:
        return _fail(error, 2)
    outcomes = []
    try:
        for outcome in purging.purge(wanted, dates, now):
            outcomes.append(outcome)
    except (partitions.WarehouseError, roots.StorageError) as error:
        return _fail(error, 1)
    finally:
        print("\n".join(summary.lines(outcomes, wanted.is_dry_run)))
    return 1 if any(outcome.failure for outcome in outcomes) else 0


def _fail(error: Exception, code: int) -> int:
    print(f"tillage purge: {error}", file=sys.stderr)
    return code
