"""Whether one model scored a span, and whether it is the bundle at hand.

Figures of one model corrected for the errors of another are wrong and do not look so;
so a span of several models, or of another one, is refused, not noted.
"""

import datetime

import pyarrow as pa

from pipelines.inference import bundle as bundles
from pipelines.reporting import spans

_Model = tuple[str, str]
"""Name and sha256."""


class ModelError(Exception):
    """The days were not scored by the bundle; the message says what to do."""


def check(runs: pa.Table, bundle: bundles.Bundle) -> None:
    """Checks that the bundle scored all recorded days.

    Args:
      runs: `Span.runs`.
      bundle: Whose calibration corrects the figures.

    Raises:
      ModelError: several models scored the days, or another one.
    """
    days = _days_by_model(runs)
    if len(days) > 1:
        told = "; ".join(
            f"{_name(model)}: {spans.ranges(of_model)}"
            for model, of_model in days.items()
        )
        raise ModelError(
            "several models scored these days, and the errors of one do not correct "
            f"the figures of another; report the days of each apart ({told})"
        )
    for model in days:
        if model[1] != bundle.sha256:
            raise ModelError(
                f"{bundle.folder}: these days were not scored by this bundle, "
                f"{bundle.version}, whose errors would correct them wrongly; give "
                f"--bundle the folder of {_name(model)}"
            )


def _days_by_model(runs: pa.Table) -> dict[_Model, list[datetime.date]]:
    days: dict[_Model, list[datetime.date]] = {}
    for row in runs.select(["date", "model_name", "model_sha256"]).to_pylist():
        model = row["model_name"], row["model_sha256"]
        days.setdefault(model, []).append(row["date"])
    return days


def _name(model: _Model) -> str:
    """Names a model as `Bundle.version` does."""
    return f"{model[0]}@{model[1][:12]}"
