"""What the cameras of one store take in a day."""

import collections
import dataclasses
import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from pipelines.sample import chain, frames, looks, people, shots, visits

_PHOTOS_PER_VISIT = (0.08, 0.72, 0.15, 0.05)
_PASSERS_BY_SHARE = 0.04
_ODD_SHARE = 0.012
_LEAST_FOR_ODD_ONES = 24
_NEAR_SHARE = 0.08
_NEAR_SECONDS = 7.0
_MIXED_SHARE = 0.01
_MIXED_YEARS = 38
_BYSTANDER_SHARE = 0.05
_BATCHED_SHARE = 0.3
_CAPTURES_SHARE = 0.4
_NAMED_ID_SHARE = 0.3
_CAPTURES_ID_SHARE = 0.6
_CAMERA_NUMBERED_SHARE = 0.3
_QUIET_MSEC = 45_000


def make_shots(
    rng: np.random.Generator,
    store: chain.Store,
    store_visits: Sequence[visits.Visit],
    crowd: people.Crowd,
    seed: Sequence[int],
) -> list[shots.Shot]:
    """Decides on the photos of one store and day, ordered by time and register.

    Args:
      rng: Decides.
      store: Where.
      store_visits: Receipts, ordered by register and time.
      crowd: Where second people come from.
      seed: Start of each photo's own seed.
    """
    planned = list(_of_visits(rng, store_visits, crowd))
    planned += _of_passers_by(rng, store_visits, crowd)
    if store.index == 0 and store_visits:
        planned.append(_to_be_truncated(rng, store_visits[-1]))
    planned = _with_odd_ones(rng, planned, crowd)
    planned.sort(key=lambda shot: (shot.taken_msec, shot.register.register_id))
    taken: set[tuple[str, int]] = set()
    return [
        _named(rng, shot, (*seed, number), number, taken)
        for number, shot in enumerate(planned)
    ]


def _of_visits(
    rng: np.random.Generator,
    store_visits: Sequence[visits.Visit],
    crowd: people.Crowd,
) -> Iterator[shots.Shot]:
    counts = rng.choice(len(_PHOTOS_PER_VISIT), len(store_visits), p=_PHOTOS_PER_VISIT)
    several = np.flatnonzero(counts >= 2)
    num_mixed = min(len(several), max(1, int(_MIXED_SHARE * len(store_visits))))
    mixed = set(rng.choice(several, num_mixed, replace=False)) if num_mixed else set()
    ends = {visit.register.register_id: 0 for visit in store_visits}
    for place, visit in enumerate(store_visits):
        register_id = visit.register.register_id
        follower = store_visits[place + 1] if place + 1 < len(store_visits) else None
        until = (
            follower.started_msec
            if follower and follower.register == visit.register
            else visit.paid_msec + _QUIET_MSEC
        )
        for number in range(counts[place]):
            person = visit.buyer
            if place in mixed and number == 1:
                person = _unlike(rng, visit.buyer, crowd)
            taken = _moment(rng, visit, ends[register_id], until)
            yield shots.Shot(
                store_id=visit.store_id,
                register=visit.register,
                kind="shopper",
                sitters=(person,),
                bystander=_bystander(rng),
                visit=visit,
                taken_msec=taken,
            )
        ends[register_id] = visit.paid_msec


def _moment(
    rng: np.random.Generator, visit: visits.Visit, since_msec: int, until_msec: int
) -> int:
    """Picks a time within the receipt's window, or now and then just beside it."""
    if rng.random() >= _NEAR_SHARE:
        return int(rng.integers(visit.started_msec, visit.paid_msec + 1))
    beside = int(rng.uniform(0.3, _NEAR_SECONDS) * 1_000)
    if rng.random() < 0.5:
        room = (visit.started_msec - since_msec) // 2 - 600
        return visit.started_msec - max(0, min(beside, room))
    room = (until_msec - visit.paid_msec) // 2 - 600
    return visit.paid_msec + max(0, min(beside, room))


def _unlike(
    rng: np.random.Generator, buyer: people.Person, crowd: people.Crowd
) -> people.Person:
    """Finds somebody whose age cannot be taken for the buyer's."""
    if buyer.age_years < 50:
        low, high = buyer.age_years + _MIXED_YEARS, people.OLDEST
    else:
        low, high = people.YOUNGEST, buyer.age_years - _MIXED_YEARS
    return crowd.person(rng, people.draw_age(rng, low, max(low, high)))


def _bystander(rng: np.random.Generator) -> frames.Rendered | None:
    if rng.random() >= _BYSTANDER_SHARE:
        return None
    return frames.Rendered(look=looks.sample_look(rng), age_years=people.draw_age(rng))


def _of_passers_by(
    rng: np.random.Generator,
    store_visits: Sequence[visits.Visit],
    crowd: people.Crowd,
) -> Iterator[shots.Shot]:
    """Takes people in quiet moments, far from any receipt of the register."""
    for this, after in itertools.pairwise(store_visits):
        quiet = after.started_msec - this.paid_msec
        is_one_till = this.register == after.register
        if not is_one_till or quiet < 2 * _QUIET_MSEC:
            continue
        if rng.random() < _PASSERS_BY_SHARE:
            yield shots.Shot(
                store_id=this.store_id,
                register=this.register,
                kind="shopper",
                sitters=(crowd.person(rng, people.draw_age(rng)),),
                visit=None,
                taken_msec=this.paid_msec + quiet // 2,
            )


def _to_be_truncated(rng: np.random.Generator, last: visits.Visit) -> shots.Shot:
    return shots.Shot(
        store_id=last.store_id,
        register=last.register,
        kind="truncated",
        sitters=(last.buyer,),
        visit=last,
        taken_msec=int(rng.integers(last.started_msec, last.paid_msec + 1)),
    )


def _with_odd_ones(
    rng: np.random.Generator, planned: list[shots.Shot], crowd: people.Crowd
) -> list[shots.Shot]:
    """Turns a few photos of each sort into ones without a usable face."""
    num = collections.Counter(
        shot.visit.transaction_id + shot.register.register_id
        for shot in planned
        if shot.visit and shot.kind == "shopper"
    )
    # The photos of mixed people must stay: they come in twos and threes.
    alone = [
        place
        for place, shot in enumerate(planned)
        if shot.visit
        and num[shot.visit.transaction_id + shot.register.register_id] == 1
    ]
    odd_kinds = shots.KINDS[1:5]
    each = max(int(_ODD_SHARE * len(planned)), len(planned) >= _LEAST_FOR_ODD_ONES)
    chosen = rng.permutation(alone)[: each * len(odd_kinds)]
    for number, place in enumerate(chosen):
        shot, kind = planned[place], odd_kinds[number % len(odd_kinds)]
        sitters = shot.sitters
        if kind == "empty":
            sitters = ()
        if kind == "two_people":
            sitters = (*sitters, crowd.person(rng, people.draw_age(rng)))
        planned[place] = dataclasses.replace(
            shot, kind=kind, sitters=sitters, bystander=None
        )
    return planned


def _named(
    rng: np.random.Generator,
    shot: shots.Shot,
    seed: tuple[int, ...],
    number: int,
    taken: set[tuple[str, int]],
) -> shots.Shot:
    """Stamps a photo and says where its id, if any, is written."""
    register = shot.register
    captured = shot.taken_msec + round(register.clock_offset_seconds * 1_000)
    while (register.register_id, captured) in taken:
        captured += 1
    taken.add((register.register_id, captured))
    has_row = bool(rng.random() < _CAPTURES_SHARE)
    id_place = _id_place(rng, has_row) if _is_open(shot) else None
    named_id = shot.visit.transaction_id if shot.visit and id_place == "name" else None
    file_name = shots.name_of(register.register_id, captured, named_id)
    is_plain = id_place != "name" and rng.random() < _CAMERA_NUMBERED_SHARE
    if has_row and is_plain:
        file_name = f"IMG_{number:06d}.jpg"
    return dataclasses.replace(
        shot,
        file_name=file_name,
        is_batched=bool(rng.random() < _BATCHED_SHARE),
        captured_msec=captured,
        id_place=id_place,
        has_captures_row=has_row,
        seed=seed,
    )


def _is_open(shot: shots.Shot) -> bool:
    """Tells whether the till's receipt is open, so that the camera can learn its id."""
    visit = shot.visit
    return (
        visit is not None and visit.started_msec <= shot.taken_msec <= visit.paid_msec
    )


def _id_place(rng: np.random.Generator, has_row: bool) -> str | None:
    if has_row:
        return "captures" if rng.random() < _CAPTURES_ID_SHARE else None
    return "name" if rng.random() < _NAMED_ID_SHARE else None
