"""Rendered trading days in a row, some of which something happens to."""

import dataclasses
import datetime
import pathlib
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import pandas as pd

from pipelines.sample import chain, days, logs, settings, shots, studio

MISSING_STORE, NO_ALCOHOL = "one store missing", "no alcohol sold"
CLOCK_OFF, UPSIDE_DOWN = "a clock off by 4 minutes", "a camera upside down"
DISTURBED_STORE = "0002"
"""Store that is missing, whose clock is off, or whose cameras hang upside down."""
OFF_REGISTER, OFF_SECONDS = "R01", 240.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sampled:
    """What is true of one day.

    Attributes:
      lines: Purchase lines as the tills log them, columns of `schemas.purchases`.
      photos: Number of photos of each store.
    """

    lines: pd.DataFrame
    photos: dict[str, int]


class Tills:
    """The tills and cameras of one chain."""

    def __init__(self, wanted: settings.SampleSettings) -> None:
        """Makes the chain up and opens its folder.

        Args:
          wanted: The chain; its days are rendered one by one.
        """
        self.root = pathlib.Path(wanted.output)
        self._wanted = wanted
        self._supply = days.Supply(wanted)
        self._chain = chain.make_chain(
            wanted.seed, wanted.num_stores, wanted.transactions_per_store
        )
        self.planted_cashier = self._chain.careless_cashier_id
        days.open_output(self.root, self._chain, self._supply.preferences)

    def render(self, day: datetime.date, happens: str) -> Sampled:
        """Writes photos, captures, purchase log and truth of one day.

        Args:
          day: Trading day.
          happens: One of this module's disturbances; else a day as any other.
        """
        planned = [
            days.plan(self._wanted, self._chain, store, day, self._supply)
            for store in self._stores(happens)
        ]
        if happens == NO_ALCOHOL:
            planned = [_without_restricted(each) for each in planned]
        camera = _UpsideDown if happens == UPSIDE_DOWN else studio.Studio
        tally = days.Tally(careless_cashier_id=self.planted_cashier)
        with camera(self._wanted.num_workers) as rooms:
            days.write_day(self.root, day, planned, rooms, tally)
        return _sampled(planned)

    def _stores(self, happens: str) -> Sequence[chain.Store]:
        stores = self._chain.stores
        if happens == MISSING_STORE:
            return [each for each in stores if each.store_id != DISTURBED_STORE]
        if happens == CLOCK_OFF:
            return [_with_clock_off(each) for each in stores]
        return stores


class _UpsideDown(studio.Studio):
    """Hangs the cameras of one store upside down; no EXIF tag tells."""

    def develop(self, planned: Sequence[shots.Shot]) -> Iterator[bytes]:
        for shot, encoded in zip(planned, super().develop(planned), strict=True):
            is_turned = shot.store_id == DISTURBED_STORE
            yield _turned(encoded) if is_turned else encoded


def _turned(encoded: bytes) -> bytes:
    pixels = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:  # It was cut short on purpose.
        return encoded
    return cv2.imencode(".jpg", cv2.rotate(pixels, cv2.ROTATE_180))[1].tobytes()


def _with_clock_off(store: chain.Store) -> chain.Store:
    if store.store_id != DISTURBED_STORE:
        return store
    registers = tuple(
        dataclasses.replace(each, clock_offset_seconds=OFF_SECONDS)
        if each.register_id == OFF_REGISTER
        else each
        for each in store.registers
    )
    return dataclasses.replace(store, registers=registers)


def _without_restricted(planned: days.PlannedStore) -> days.PlannedStore:
    visits = [
        dataclasses.replace(
            visit,
            lines=tuple(line for line in visit.lines if not line.product.is_restricted),
        )
        for visit in planned.visits
    ]
    return dataclasses.replace(planned, visits=visits)


def _sampled(planned: Sequence[days.PlannedStore]) -> Sampled:
    visits = [visit for each in planned for visit in each.visits]
    rows = [row for visit in visits for row in logs.purchase_rows(visit)]
    return Sampled(
        lines=pd.DataFrame(rows),
        photos={each.store.store_id: len(each.shots) for each in planned},
    )
