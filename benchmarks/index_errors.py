"""How far the indices of a report are from the true ones."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Indices:
    """Cells of one report, all of shape `(items, groups)`; NaN: not told.

    Attributes:
      raw: Index of the estimated groups.
      corrected: Index corrected for the model's confusion.
      low: Lower end of its interval.
      high: Upper end.
      is_reliable: As the report says.
      baskets: Of the estimated group with the item; NaN: too few to be shown.
    """

    raw: Floats
    corrected: Floats
    low: Floats
    high: Floats
    is_reliable: npt.NDArray[np.bool_]
    baskets: Floats


def of_table(table: pa.Table, num_groups: int) -> Indices:
    """Reads rows of `schemas.age_group_affinity`."""

    def column(name: str) -> npt.NDArray:
        return table[name].to_numpy().reshape(-1, num_groups)

    return Indices(
        raw=column("raw_index"),
        corrected=column("corrected_index"),
        low=column("corrected_index_low"),
        high=column("corrected_index_high"),
        is_reliable=column("reliable"),
        baskets=column("baskets"),
    )


def figures(
    reports: Sequence[Indices], true: Sequence[Floats], chosen: Sequence[Mask]
) -> dict[str, float]:
    """Compares reports with the truth.

    Args:
      reports: One or more.
      true: The true index of each, `(items, groups)`.
      chosen: Cells in question; those without a corrected index are left out.

    Returns:
      How many cells a report, correlation and mean absolute error of both indices, the
      share of intervals that hold the truth, and its standard error over reports.
    """
    used = [
        cells & ~np.isnan(one.corrected)
        for one, cells in zip(reports, chosen, strict=True)
    ]
    pairs = list(zip(reports, used, strict=True))
    wanted = np.concatenate([t[u] for t, u in zip(true, used, strict=True)])
    raw = np.concatenate([one.raw[u] for one, u in pairs])
    corrected = np.concatenate([one.corrected[u] for one, u in pairs])
    is_held = [
        ((one.low <= t) & (t <= one.high))[u]
        for (one, u), t in zip(pairs, true, strict=True)
    ]
    shares = [float(one.mean()) for one in is_held if len(one)]
    return {
        "cells_per_report": len(wanted) / len(reports),
        "correlation_corrected": _correlation(corrected, wanted),
        "correlation_raw": _correlation(raw, wanted),
        "mae_corrected": float(np.abs(corrected - wanted).mean()),
        "mae_raw": float(np.abs(raw - wanted).mean()),
        "coverage": float(np.concatenate(is_held).mean()),
        "coverage_standard_error": _standard_error(shares),
    }


def by_group(
    reports: Sequence[Indices], true: Sequence[Floats], labels: Sequence[str]
) -> dict[str, float | None]:
    """Gives the share of intervals that hold the truth by age group; None: no cell."""
    low, high, corrected, wanted = (
        np.concatenate(cells)
        for cells in (
            [one.low for one in reports],
            [one.high for one in reports],
            [one.corrected for one in reports],
            true,
        )
    )
    is_held, is_told = (low <= wanted) & (wanted <= high), ~np.isnan(corrected)
    return {
        label: float(is_held[is_told[:, place], place].mean())
        if is_told[:, place].any()
        else None
        for place, label in enumerate(labels)
    }


def _correlation(found: Floats, true: Floats) -> float:
    return float(np.corrcoef(found, true)[0, 1]) if len(true) > 1 else np.nan


def _standard_error(shares: Sequence[float]) -> float:
    if len(shares) < 2:
        return np.nan
    return float(np.std(shares, ddof=1) / np.sqrt(len(shares)))
