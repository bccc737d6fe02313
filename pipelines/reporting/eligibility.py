"""From which probability on a buyer looks young, as the nightly runs judged it."""

import json

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain import audit
from pipelines.reporting import spans

_Floats = npt.NDArray[np.float64]


def of_runs(runs: pa.Table) -> _Floats:
    """Gives the P(age < challenge age) from which sales were eligible.

    Args:
      runs: `Span.runs`.

    Returns:
      Shape `(runs,)`, 0 to 1; NaN where a run did not record it.
    """
    settings = map(json.loads, runs["settings_json"].to_pylist())
    joinings = [found.get("joining", {}) for found in settings]
    found = [joining.get("eligible_probability", np.nan) for joining in joinings]
    return np.array(found, np.float64)


def latest(runs: pa.Table) -> float:
    """Gives that of the newest run; of the settings if none has recorded it."""
    found = of_runs(runs)
    recorded = found[~np.isnan(found)]
    usual = audit.AuditSettings.eligible_probability
    return float(recorded[-1]) if len(recorded) else usual


def of_sales(sales: pa.Table, runs: pa.Table) -> _Floats:
    """Gives that of the day of each sale, `(sales,)`; NaN where it is not recorded."""
    by_day = dict(zip(runs[spans.DATE].to_pylist(), of_runs(runs), strict=True))
    days = sales[spans.DATE].combine_chunks().dictionary_encode()
    values = [by_day.get(day, np.nan) for day in days.dictionary.to_pylist()]
    return np.array(values, np.float64)[days.indices.to_numpy()]


def notes(runs: pa.Table) -> list[str]:
    """Says which days were judged by another one than the newest."""
    found, used = of_runs(runs), latest(runs)
    days = runs[spans.DATE].to_pylist()
    said = []
    for other in sorted(set(found[~np.isnan(found)]) - {used}):
        of_other = [days[row] for row in np.flatnonzero(found == other)]
        said.append(
            f"On {spans.ranges(of_other)}, the nightly runs took a buyer for young-"
            f"looking from a probability of {other:g}; here all days are judged by the "
            f"latest, {used:g}."
        )
    return said
