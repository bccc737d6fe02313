"""Says what to collect next, from the figures: each sentence with its figure."""

import math
from collections.abc import Iterator

from training.assessment import figures

FEW_PHOTOS = 100
"""Fewer people than this do not tell the errors of their group."""

TARGET_FACES_SHARE = 0.95

_WORSE_BY = 1.25
_WANTED_PRECISION_YEARS = 0.5


def collect_next(found: figures.Evaluation) -> list[str]:
    """Writes what would make the model, or what is known of it, better."""
    return [
        *_more_photos(found),
        *_more_of_the_worst(found),
        *_better_cameras(found),
        _own_tills(found),
    ]


def is_known(group: figures.Group) -> bool:
    """Tells whether a group is large enough to say something of its errors."""
    return group.figures.num_photos >= FEW_PHOTOS


def _more_photos(found: figures.Evaluation) -> Iterator[str]:
    few = [
        f"{one.value} ({one.figures.num_photos})"
        for one in found.groups[figures.AGE_GROUP]
        if not is_known(one)
    ]
    if few:
        yield (
            f"Label more photos to judge by: fewer than {FEW_PHOTOS} people are of "
            f"the ages {', '.join(few)}, too few to know their errors."
        )


def _more_of_the_worst(found: figures.Evaluation) -> Iterator[str]:
    limit_years = _WORSE_BY * found.overall.mae_years
    poor = [
        f"{one.value} ({one.figures.mae_years:.1f})"
        for one in found.groups[figures.AGE_GROUP]
        if is_known(one) and one.figures.mae_low_years > limit_years
    ]
    if poor:
        yield (
            "Train on more photos of the ages with the largest mean errors: "
            f"{', '.join(poor)}; over all it is {found.overall.mae_years:.1f} years."
        )


def _better_cameras(found: figures.Evaluation) -> Iterator[str]:
    share = found.faces_found / found.photos
    if share < TARGET_FACES_SHARE:
        reason, count = max(found.lost.items(), key=lambda item: item[1])
        yield (
            f"Look into the photos without a usable face: {1 - share:.1%} of them, "
            f"most often '{reason.replace('_', ' ')}' ({count}). Move cameras, or give "
            "photos with more around the face."
        )


def _own_tills(found: figures.Evaluation) -> str:
    overall = found.overall
    spread = math.sqrt(max(overall.rmse_years**2 - overall.mae_years**2, 0.0))
    needed = math.ceil((1.96 * spread / _WANTED_PRECISION_YEARS) ** 2 / 50) * 50
    return (
        "Before the figures are relied on in stores, label photos from the chain's "
        f"own tills, with the people's consent: about {max(needed, 50):,} of each age "
        f"group give its mean error to ±{_WANTED_PRECISION_YEARS:g} years."
    )
