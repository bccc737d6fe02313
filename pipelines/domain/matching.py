"""Which photo belongs to which transaction.

A photo with a transaction id joins that transaction or none: an id that the log
does not know is never replaced by a guess. Without an id, the one transaction of
its register whose [started_at, paid_at] holds the photo's corrected time; if there
is none, the nearest within the slack. Two that are equally good are `ambiguous`.
"""

import dataclasses

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain import clocks, row_keys
from schemas import photo_ages

METHODS = photo_ages.MATCH_METHODS
BY_ID, IN_WINDOW, NEAREST, AMBIGUOUS, UNMATCHED, NO_FACE = range(len(METHODS))
NO_TRANSACTION = -1

_Index = npt.NDArray[np.int64]
_MAX_KEY = 2**62


@dataclasses.dataclass(frozen=True, kw_only=True)
class MatchSettings:
    """How far a photo may lie from its transaction.

    Attributes:
      slack_seconds: Largest distance to a transaction that does not hold it.
      clock: When the clock offset of a register is believed.
    """

    slack_seconds: float = 10.0
    clock: clocks.ClockSettings = dataclasses.field(
        default_factory=clocks.ClockSettings
    )

    def __post_init__(self) -> None:
        """Checks the range.

        Raises:
          ValueError: the slack is negative.
        """
        if self.slack_seconds < 0:
            raise ValueError(f"slack_seconds >= 0; received {self.slack_seconds}")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ClockReport:
    """What was found out about the camera clock of one register.

    Attributes:
      store_id: Store.
      register_id: Register within the store.
      offset_seconds: Camera minus till; None where it is not known.
      status: One of `clocks.STATUSES`.
    """

    store_id: str
    register_id: str
    offset_seconds: float | None
    status: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """Where n photos belong.

    Attributes:
      transaction: Row of the transaction, or `NO_TRANSACTION`; shape `(n,)`.
      method: Index into `METHODS`, dtype int8, shape `(n,)`.
      gap_seconds: Distance after clock correction, 0 inside; NaN without a match.
      clock_reports: One for each register with photos, sorted.
    """

    transaction: _Index
    method: npt.NDArray[np.int8]
    gap_seconds: npt.NDArray[np.float64]
    clock_reports: list[ClockReport]


def match(photos: pa.Table, transactions: pa.Table, settings: MatchSettings) -> Matches:
    """Matches photos of any number of registers at once.

    Args:
      photos: Columns store_id, register_id, captured_at_utc, transaction_id and
        face_status; only photos whose status is `ok` are matched, but all that
        carry an id tell of the clock.
      transactions: Columns store_id, register_id, transaction_id (together
        unique), started_at and paid_at, not before it.
      settings: Distances.

    Returns:
      One entry a photo, in the order given.
    """
    register_of = _register_codes(photos, transactions)
    photo_register, window_register = np.split(register_of, [photos.num_rows])
    windows = _Windows(
        register=window_register,
        started=_micros(transactions["started_at"]),
        paid=_micros(transactions["paid_at"]),
    )
    captured = _micros(photos["captured_at_utc"])
    named = _by_id(photos, transactions)
    num_registers = int(register_of.max(initial=-1)) + 1
    found = _clocks(photo_register, captured, named, windows, num_registers, settings)
    times = captured - found.offsets[photo_register]
    has_face = np.asarray(photos["face_status"].combine_chunks()) == "ok"
    has_id = np.asarray(photos["transaction_id"].combine_chunks().is_valid())
    timed = np.flatnonzero(has_face & ~has_id & ~found.is_refused[photo_register])
    transaction, method = named.copy(), np.full(len(times), UNMATCHED, np.int8)
    method[named != NO_TRANSACTION] = BY_ID
    transaction[timed], method[timed] = _by_time(
        photo_register[timed], times[timed], windows, settings.slack_seconds
    )
    transaction[~has_face], method[~has_face] = NO_TRANSACTION, NO_FACE
    return Matches(
        transaction=transaction,
        method=method,
        gap_seconds=_gaps(times, transaction, windows),
        clock_reports=_report(photos, photo_register, found),
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Windows:
    """From first scan to payment of each transaction, microseconds UTC."""

    register: _Index
    started: _Index
    paid: _Index


def _register_codes(photos: pa.Table, transactions: pa.Table) -> _Index:
    codes = row_keys.codes(
        pa.chunked_array(
            [*photos[name].chunks, *transactions[name].chunks], pa.string()
        )
        for name in ("store_id", "register_id")
    )
    return row_keys.dense(codes)[0]


def _micros(times: pa.ChunkedArray) -> _Index:
    return np.asarray(times.combine_chunks().cast(pa.int64()))


def _by_id(photos: pa.Table, transactions: pa.Table) -> _Index:
    """Finds the transaction that each photo names; `NO_TRANSACTION` if none."""
    keys = row_keys.codes(
        pa.chunked_array(
            [*photos[name].chunks, *transactions[name].chunks], pa.string()
        )
        for name in ("store_id", "register_id", "transaction_id")
    )
    wanted, known = np.split(keys, [photos.num_rows])
    if not len(known):
        return np.full(len(wanted), NO_TRANSACTION, np.int64)
    order = np.argsort(known, kind="stable")
    place = np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)
    is_found = known[order][place] == wanted
    return np.where(is_found, order[place], NO_TRANSACTION)


def _clocks(
    register: _Index,
    captured: _Index,
    named: _Index,
    windows: _Windows,
    num_registers: int,
    settings: MatchSettings,
) -> clocks.Clocks:
    witnesses = np.flatnonzero(named != NO_TRANSACTION)
    owners = named[witnesses]
    return clocks.estimate(
        register[witnesses],
        captured[witnesses] - windows.paid[owners],
        captured[witnesses] - windows.started[owners],
        num_registers,
        settings.clock,
    )


def _by_time(
    register: _Index, times: _Index, windows: _Windows, slack_seconds: float
) -> tuple[_Index, npt.NDArray[np.int8]]:
    if not len(windows.started):
        nothing = np.full(len(times), NO_TRANSACTION, np.int64)
        return nothing, np.full(len(times), UNMATCHED, np.int8)
    slack = int(slack_seconds * clocks.MICROS_PER_SECOND)
    first, last = windows.started.min() - slack - 1, windows.paid.max() + slack + 1
    width = int(last - first + 1)
    if (int(windows.register.max()) + 2) * width > _MAX_KEY:
        raise ValueError(f"transactions span too long a time: {width} microseconds")
    # One line of time for all registers, each on a stretch of its own.
    timeline = _Timeline(
        windows.register * width + (windows.started - first),
        windows.register * width + (windows.paid - first),
        width,
    )
    clipped = np.clip(times, first, last) - first
    return timeline.locate(register * width + clipped, slack)


class _Timeline:
    """Windows on a line, for looking up many points at once."""

    def __init__(self, starts: _Index, ends: _Index, width: int) -> None:
        self._by_start = np.argsort(starts, kind="stable")
        self._by_end = np.argsort(ends, kind="stable")
        self._starts, self._ends = starts[self._by_start], ends[self._by_end]
        self._width = width

    def locate(self, points: _Index, slack: int) -> tuple[_Index, npt.NDArray[np.int8]]:
        """Finds the window of each point, and how: an index into `METHODS`."""
        num_started = np.searchsorted(self._starts, points, side="right")
        num_ended = np.searchsorted(self._ends, points, side="left")
        num_holding = num_started - num_ended
        # Where one window holds the point, the difference of the sums names it.
        holder = (
            _sums_before(self._by_start)[num_started]
            - _sums_before(self._by_end)[num_ended]
        )
        near, is_near, is_tie = self._nearest(points, num_started, num_ended, slack)
        cases = [num_holding == 1, num_holding > 1, is_near & is_tie, is_near]
        method = np.select(cases, [IN_WINDOW, AMBIGUOUS, AMBIGUOUS, NEAREST], UNMATCHED)
        window = np.select(
            [method == IN_WINDOW, method == NEAREST], [holder, near], NO_TRANSACTION
        )
        return window, method.astype(np.int8)

    def _nearest(
        self, points: _Index, num_started: _Index, num_ended: _Index, slack: int
    ) -> tuple[_Index, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        far = self._width
        # A window of another register may be near on the line, never in truth.
        own = points // self._width
        before, is_before_shared = _neighbours(self._ends, num_ended - 1, -1)
        after, is_after_shared = _neighbours(self._starts, num_started, 1)
        gap_before = np.where(before // far == own, points - before, far)
        gap_after = np.where(after // far == own, after - points, far)
        near = np.where(
            gap_before < gap_after,
            self._by_end[np.maximum(num_ended - 1, 0)],
            self._by_start[np.minimum(num_started, len(self._starts) - 1)],
        )
        is_tie = (
            (gap_before == gap_after)
            | ((gap_before < gap_after) & is_before_shared)
            | ((gap_after < gap_before) & is_after_shared)
        )
        return near, np.minimum(gap_before, gap_after) <= slack, is_tie


def _sums_before(values: _Index) -> _Index:
    return np.concatenate([[0], np.cumsum(values)])


def _neighbours(
    values: _Index, places: _Index, step: int
) -> tuple[_Index, npt.NDArray[np.bool_]]:
    """Takes sorted values, -1 out of range, and tells whether the next is equal."""
    padded = np.concatenate([[-1], values, [-1, -1]])
    found = padded[places + 1]
    return found, found == padded[np.maximum(places + 1 + step, 0)]


def _gaps(
    times: _Index, transaction: _Index, windows: _Windows
) -> npt.NDArray[np.float64]:
    gaps = np.full(len(times), np.nan)
    matched = np.flatnonzero(transaction != NO_TRANSACTION)
    owner, time = transaction[matched], times[matched]
    outside = np.maximum(windows.started[owner] - time, time - windows.paid[owner])
    gaps[matched] = np.maximum(outside, 0) / clocks.MICROS_PER_SECOND
    return gaps


def _report(
    photos: pa.Table, register: _Index, found: clocks.Clocks
) -> list[ClockReport]:
    present, first_rows = np.unique(register, return_index=True)
    names = photos.select(["store_id", "register_id"]).take(pa.array(first_rows))
    reports = []
    for code, name in zip(present.tolist(), names.to_pylist(), strict=True):
        status = clocks.STATUSES[found.statuses[code]]
        is_known = status not in (clocks.UNKNOWN, clocks.INCONSISTENT)
        seconds = float(found.offsets[code]) / clocks.MICROS_PER_SECOND
        reports.append(
            ClockReport(
                **name, offset_seconds=seconds if is_known else None, status=status
            )
        )
    return reports
