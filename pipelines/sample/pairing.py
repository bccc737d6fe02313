"""Which photos the matching rules can lead to their own receipt."""

import collections
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipelines.sample import shots, visits

SLACK_MSEC = 10_000
"""How far from a receipt a photo may lie, as in `tillage score` by default."""

_LEAST_ID_PHOTOS = 5


def matchable(
    day_visits: Sequence[visits.Visit], taken: Sequence[shots.Shot]
) -> list[bool]:
    """Says which photos the matching rules lead to their own receipt.

    A photo must show one clear shopper. Then its id decides; without one, the only
    receipt of its register whose window holds it, else the nearest within
    `SLACK_MSEC`, once the register's clock is put right; that takes five photos with
    an id.
    """
    windows = _windows(day_visits)
    with_id = collections.Counter(
        _till(shot) for shot in taken if shot.id_place and shot.kind == "shopper"
    )
    return [
        shot.visit is not None
        and shot.kind == "shopper"
        and (
            shot.id_place is not None
            or (
                _is_clock_known(shot, with_id[_till(shot)])
                and _found_by_time(shot, *windows[_till(shot)])
                == shot.visit.transaction_id
            )
        )
        for shot in taken
    ]


def _till(shot: shots.Shot) -> tuple[str, str]:
    return shot.store_id, shot.register.register_id


def _is_clock_known(shot: shots.Shot, num_with_id: int) -> bool:
    return not shot.register.clock_offset_seconds or num_with_id >= _LEAST_ID_PHOTOS


def _windows(
    day_visits: Sequence[visits.Visit],
) -> dict[tuple[str, str], tuple[npt.NDArray[np.int64], list[str]]]:
    """Gives each register's windows `(n, 2)` in milliseconds, with receipt ids."""
    grouped: dict[tuple[str, str], list[visits.Visit]] = collections.defaultdict(list)
    for visit in day_visits:
        grouped[visit.store_id, visit.register.register_id].append(visit)
    return {
        till: (
            np.array([(each.started_msec, each.paid_msec) for each in there]),
            [each.transaction_id for each in there],
        )
        for till, there in grouped.items()
    }


def _found_by_time(
    shot: shots.Shot, windows: npt.NDArray[np.int64], receipts: Sequence[str]
) -> str | None:
    before = windows[:, 0] - shot.taken_msec
    after = shot.taken_msec - windows[:, 1]
    distance = np.maximum(np.maximum(before, after), 0)
    nearest = np.flatnonzero(distance == distance.min())
    if len(nearest) > 1 or distance[nearest[0]] > SLACK_MSEC:
        return None
    return receipts[nearest[0]]
