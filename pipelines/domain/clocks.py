"""How far each register's camera clock runs ahead of its till.

A photo that carries its transaction bounds the offset: corrected, it must lie
between the first scan and the payment. The offset that satisfies most photos of a
register is the register's (interval stabbing, by a sweep over all ends at once).
"""

import dataclasses

import numpy as np
import numpy.typing as npt

Micros = npt.NDArray[np.int64]

MICROS_PER_SECOND = 1_000_000

UNKNOWN = "unknown"
IN_STEP = "in_step"
CORRECTED = "corrected"
INCONSISTENT = "inconsistent"
TOO_LARGE = "too_large"
STATUSES = (UNKNOWN, IN_STEP, CORRECTED, INCONSISTENT, TOO_LARGE)
"""Too few photos to tell; right; put right; the last two refuse joins by time."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClockSettings:
    """When an offset is believed.

    Attributes:
      min_photos: Photos with a transaction id that a register must have.
      min_agreement: Share of them that the offset must put inside, 0 to 1.
      max_offset_seconds: A larger offset is not corrected.
    """

    min_photos: int = 5
    min_agreement: float = 0.9
    max_offset_seconds: float = 600.0

    def __post_init__(self) -> None:
        """Checks the ranges.

        Raises:
          ValueError: one is out of range.
        """
        if self.min_photos < 1:
            raise ValueError(f"min_photos >= 1; received {self.min_photos}")
        if not 0.5 < self.min_agreement <= 1.0:
            raise ValueError(
                f"min_agreement must be in (0.5, 1]; received {self.min_agreement}"
            )
        if self.max_offset_seconds < 0:
            raise ValueError(
                f"max_offset_seconds >= 0; received {self.max_offset_seconds}"
            )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Clocks of k registers.

    Attributes:
      offsets: Camera minus till, to subtract from photo times; 0 unless known.
      statuses: Index into `STATUSES`, dtype int8.
    """

    offsets: Micros
    statuses: npt.NDArray[np.int8]

    @property
    def is_refused(self) -> npt.NDArray[np.bool_]:
        """Registers whose photos must not be joined by time."""
        return self.statuses >= STATUSES.index(INCONSISTENT)


def estimate(
    register: npt.NDArray[np.int64],
    earliest: Micros,
    latest: Micros,
    num_registers: int,
    settings: ClockSettings,
) -> Clocks:
    """Estimates the clock offset of each register.

    Args:
      register: Register of each photo that carries its transaction, 0 to k - 1.
      earliest: Smallest offset that puts the photo inside: time minus paid_at.
      latest: Largest one: time minus started_at.
      num_registers: k.
      settings: When to believe it.

    Returns:
      Offsets and statuses, shape `(num_registers,)`.
    """
    num_photos = np.bincount(register, minlength=num_registers)
    best, depth = _deepest(register, earliest, latest, num_registers)
    is_zero_inside = (earliest <= 0) & (latest >= 0)
    depth_of_zero = np.bincount(register[is_zero_inside], minlength=num_registers)
    offsets = np.where(depth_of_zero == depth, 0, best)
    statuses = np.select(
        [
            num_photos < settings.min_photos,
            depth < settings.min_agreement * num_photos,
            np.abs(offsets) > settings.max_offset_seconds * MICROS_PER_SECOND,
            offsets != 0,
        ],
        [STATUSES.index(s) for s in (UNKNOWN, INCONSISTENT, TOO_LARGE, CORRECTED)],
        STATUSES.index(IN_STEP),
    )
    is_known = np.isin(statuses, [STATUSES.index(s) for s in (CORRECTED, TOO_LARGE)])
    return Clocks(
        offsets=np.where(is_known, offsets, 0), statuses=statuses.astype(np.int8)
    )


def _deepest(
    register: npt.NDArray[np.int64], earliest: Micros, latest: Micros, size: int
) -> tuple[Micros, npt.NDArray[np.int64]]:
    """Finds the middle of the offsets that most photos allow, and how many do.

    Of several stretches as good, the one nearest to zero counts.
    """
    best, depth = np.zeros(size, np.int64), np.zeros(size, np.int64)
    if not len(register):
        return best, depth
    values = np.concatenate([earliest, latest])
    registers = np.concatenate([register, register])
    closes = np.repeat([False, True], len(register))
    # Starts before ends at one value: both ends of a stretch belong to it.
    order = np.lexsort((closes, values, registers))
    values, registers, closes = values[order], registers[order], closes[order]
    depths = np.cumsum(np.where(closes, -1, 1))
    np.maximum.at(depth, registers, depths)
    # At the largest depth, the next event can only be an end.
    tops = np.flatnonzero(~closes & (depths == depth[registers]))
    low, high, owner = values[tops], values[tops + 1], registers[tops]
    distance = np.maximum(np.maximum(low, -high), 0)
    choice = np.lexsort((low, distance, owner))
    owners, first = np.unique(owner[choice], return_index=True)
    chosen = choice[first]
    best[owners] = (low[chosen] + high[chosen]) // 2
    return best, depth
