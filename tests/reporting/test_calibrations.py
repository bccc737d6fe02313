import dataclasses
import datetime
import pathlib

import numpy as np
import pytest

from pipelines.domain import confusion
from pipelines.inference import bundle as bundles
from pipelines.reporting import calibrations, settings
from tests import tiny_bundle

_DAY = datetime.date(2026, 11, 2)
_CARD = tiny_bundle.card()
_WANTED = settings.ReportConfig(
    warehouse="w", first_day=_DAY, last_day=_DAY, output="o"
)


def _bundle(card=_CARD):
    return bundles.Bundle(folder=pathlib.Path("b"), card=card, sha256="0" * 64)


def _without(column):
    known = _CARD.band_confusion
    counts = np.array(known.counts)
    counts[:, column] = 0
    changed = dataclasses.replace(known, counts=tuple(map(tuple, counts.tolist())))
    return _bundle(dataclasses.replace(_CARD, band_confusion=changed))


def test_bands_of_a_card_merge_into_bands_of_five_years():
    found = calibrations.between_bands(_CARD)
    counts = np.array(_CARD.band_confusion.counts)
    assert found.counts.shape == (confusion.NUM_BANDS, confusion.NUM_BANDS)
    assert found.counts.sum() == counts.sum()
    assert found.weights.sum() == pytest.approx(1)
    # The card tells 15 to 19 years one by one, and 20 to 24.
    starts = [0, *_CARD.band_confusion.bounds_years]
    of_band = [15 <= start < 20 for start in starts]
    assert found.counts[3, 3] == counts[np.ix_(of_band, of_band)].sum()
    assert found.weights[3] == pytest.approx(sum(of_band) / len(starts))


def test_bands_of_a_card_stay_as_they_are_for_minors():
    found = calibrations.around_legal_ages(_CARD)
    assert found.bounds_years == _CARD.band_confusion.bounds_years
    assert found.counts.tolist() == [list(row) for row in _CARD.band_confusion.counts]


def test_a_bundle_that_knows_of_all_ages_passes():
    calibrations.check(_bundle(), _WANTED)


def test_a_legal_age_without_a_bound_is_refused_with_those_that_have_one():
    wanted = dataclasses.replace(_WANTED, legal_age_years=27, challenge_age_years=30)
    with pytest.raises(calibrations.UnanswerableError) as refusal:
        calibrations.check(_bundle(), wanted)
    assert str(refusal.value).startswith(
        "b: this bundle was not calibrated at a legal age of 27 years; give "
        "--legal-age one of 15, 16, 17, 18, "
    )


def test_a_group_that_no_photo_shows_is_refused():
    wanted = dataclasses.replace(_WANTED, group_bounds_years=(5, 25))
    with pytest.raises(calibrations.UnanswerableError, match="age group <5; give --gr"):
        calibrations.check(_without(0), wanted)
    calibrations.check(_without(0), _WANTED)
