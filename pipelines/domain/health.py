"""Health of each store's cameras: what a night's photos say about them."""

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import matching
from schemas import photo_ages, runs

BAND_YEARS = 5
NUM_BANDS = 20
"""Age bands 0-4, 5-9, …, 95 and older."""

_FACES = tuple(f"faces_{status}" for status in photo_ages.FACE_STATUSES)
_MATCHED = ("transaction_id", "time_window", "time_nearest")
_COUNTS = ("photos", *_FACES, "matched", "unmatched", "ambiguous", *runs.STANDS)
_TURNS = dict(zip(runs.STANDS, ([0], [180], [90, 270]), strict=True))
"""By how many degrees a photo is turned whose face stands so."""
_MEANS = {
    "brightness": "mean_brightness",
    "face_px": "mean_face_px",
    "age_years": "mean_age_years",
}
"""Columns of `photo_ages` and the names of their means."""


@dataclasses.dataclass(frozen=True, slots=True)
class StoreTally:
    """Sums over the photos of one store.

    Attributes:
      counts: Number of photos by `photos`, `faces_…`, how they matched, and how
        their faces stand.
      sums: For each column of a mean: the sum of its values and their number.
      bands: Photos by age band.
    """

    counts: dict[str, int]
    sums: dict[str, tuple[float, int]]
    bands: tuple[int, ...]

    def plus(self, other: "StoreTally") -> "StoreTally":
        """Adds the photos of another part of the store."""
        sums = {
            name: (total + other.sums[name][0], number + other.sums[name][1])
            for name, (total, number) in self.sums.items()
        }
        return StoreTally(
            {name: count + other.counts[name] for name, count in self.counts.items()},
            sums,
            tuple(a + b for a, b in zip(self.bands, other.bands, strict=True)),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Health:
    """Health of any part of a day; adding the parts gives the day's.

    Attributes:
      stores: Tally of each store with photos.
      clocks: One entry a register.
    """

    stores: dict[str, StoreTally] = dataclasses.field(default_factory=dict)
    clocks: tuple[matching.ClockReport, ...] = ()

    def plus(self, other: "Health") -> "Health":
        """Adds another part of the day."""
        stores = dict(self.stores)
        for store_id, tally in other.stores.items():
            known = stores.get(store_id)
            stores[store_id] = tally if known is None else known.plus(tally)
        return Health(stores, self.clocks + other.clocks)

    def rows(self) -> list[dict[str, object]]:
        """Gives one value of `schemas.runs.STORE_HEALTH` a store, sorted."""
        registers: dict[str, list[matching.ClockReport]] = {}
        for clock in self.clocks:
            registers.setdefault(clock.store_id, []).append(clock)
        return [
            _row(store_id, self.stores.get(store_id), registers.get(store_id, []))
            for store_id in sorted({*self.stores, *registers})
        ]


def nothing(store_id: str) -> dict[str, object]:
    """Gives the value of `schemas.runs.STORE_HEALTH` of a store without a photo."""
    return _row(store_id, None, [])


def comparable(run: Mapping[str, Any], model_sha256: str) -> list[dict[str, Any]]:
    """Gives the health of a run's stores, without ages if another model saw them.

    Args:
      run: Row of `schemas.runs` with `store_health` and `model_sha256`.
      model_sha256: Digest of the card of the model to compare with.

    Returns:
      Values of `schemas.runs.STORE_HEALTH`.
    """
    unseen = {"mean_age_years": None, "photos_by_age_band": [0] * NUM_BANDS}
    is_same = run["model_sha256"] == model_sha256
    return [row if is_same else {**row, **unseen} for row in run["store_health"]]


def total(parts: Iterable[Health]) -> Health:
    """Adds up the parts of a day."""
    return functools.reduce(Health.plus, parts, Health())


def of_photos(photos: pa.Table, clocks: Iterable[matching.ClockReport] = ()) -> Health:
    """Sums up a part of a day.

    Args:
      photos: Rows of `photo_ages`, any part of the day.
      clocks: Reports of the registers of that part; each in one part only.

    Returns:
      Their health.
    """
    names = photos["store_id"].combine_chunks().dictionary_encode()
    stores = np.asarray(names.indices)
    size = len(names.dictionary)
    columns = _count_columns(photos, stores, size)
    sums = {name: _column_sums(photos[name], stores, size) for name in _MEANS}
    bands = _bands(photos["age_years"], stores, size)
    tallies = {
        store_id: StoreTally(
            {name: int(columns[name][index]) for name in _COUNTS},
            {name: (float(s[index]), int(n[index])) for name, (s, n) in sums.items()},
            tuple(bands[index].tolist()),
        )
        for index, store_id in enumerate(names.dictionary.to_pylist())
    }
    return Health(tallies, tuple(clocks))


def _count_columns(
    photos: pa.Table, stores: np.ndarray, size: int
) -> dict[str, np.ndarray]:
    status, method = photos["face_status"], photos["match_method"]
    values: dict[str, tuple[pa.ChunkedArray, list[Any]]] = {
        f"faces_{name}": (status, [name]) for name in photo_ages.FACE_STATUSES
    }
    values |= {name: (method, [name]) for name in ("unmatched", "ambiguous")}
    values["matched"] = (method, list(_MATCHED))
    values |= {name: (photos["turned_degrees"], by) for name, by in _TURNS.items()}
    masks = {
        name: pc.is_in(column, pa.array(wanted, column.type)).to_numpy()
        for name, (column, wanted) in values.items()
    }
    masks["photos"] = np.ones(len(stores), dtype=bool)
    return {
        name: np.bincount(stores[mask], minlength=size) for name, mask in masks.items()
    }


def _column_sums(
    column: pa.ChunkedArray, stores: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    values = column.cast(pa.float64()).to_numpy()
    known = ~np.isnan(values)
    totals = np.bincount(stores[known], weights=values[known], minlength=size)
    return totals, np.bincount(stores[known], minlength=size)


def _bands(ages: pa.ChunkedArray, stores: np.ndarray, size: int) -> np.ndarray:
    values = ages.to_numpy()
    known = ~np.isnan(values)
    band = np.clip(values[known] // BAND_YEARS, 0, NUM_BANDS - 1).astype(np.int64)
    cells = np.bincount(stores[known] * NUM_BANDS + band, minlength=size * NUM_BANDS)
    return cells.reshape(size, NUM_BANDS)


def _row(
    store_id: str, tally: StoreTally | None, clocks: list[matching.ClockReport]
) -> dict[str, object]:
    tally = tally or StoreTally(
        dict.fromkeys(_COUNTS, 0), dict.fromkeys(_MEANS, (0.0, 0)), (0,) * NUM_BANDS
    )
    means = {
        _MEANS[name]: total / number if number else None
        for name, (total, number) in tally.sums.items()
    }
    registers = [
        {
            "register_id": clock.register_id,
            "clock_offset_seconds": clock.offset_seconds,
            "clock_status": clock.status,
        }
        for clock in sorted(clocks, key=lambda clock: clock.register_id)
    ]
    return {
        "store_id": store_id,
        **tally.counts,
        **means,
        "photos_by_age_band": list(tally.bands),
        "registers": registers,
    }
