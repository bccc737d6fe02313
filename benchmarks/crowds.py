"""Crowds of shoppers whose age is known, as a model sees them."""

import dataclasses

import numpy as np
import numpy.typing as npt

from benchmarks import known_faces
from pipelines.domain import ages
from schemas import bundle as schema
from schemas import fields
from training import calibrate, shoppers

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Crowd:
    """People of shopping age.

    Attributes:
      known: At least `shoppers.MIN_AGE_YEARS` old.
      mean_years: As the nightly tables would give their age, float64 `(n,)`.
      weights: Of each person, such that the ages are those of shoppers, `(n,)`.
      num_calibration: People of the calibration split.
    """

    known: known_faces.KnownFaces
    mean_years: Floats
    weights: Floats
    num_calibration: int

    def within(self, low_years: int, high_years: int) -> Index:
        """Finds the people from one age to another, both inclusive.

        Raises:
          ValueError: there is none.
        """
        years = self.known.ages_years
        found = np.flatnonzero((years >= low_years) & (years <= high_years))
        if not len(found):
            raise ValueError(
                f"no known face is {low_years} to {high_years} years old; "
                "predict more photos"
            )
        return found

    def calibrated(
        self, card: schema.BundleCard, rng: np.random.Generator
    ) -> schema.BundleCard:
        """Calibrates on as many people as the archive has for it, drawn anew.

        They are drawn alike from both splits, with replacement, and counted as
        training counts them.

        Returns:
          `card` with these counts of bands.
        """
        drawn = rng.choice(len(self.mean_years), self.num_calibration)
        real = self.known.ages_years[drawn].astype(np.float64)
        weights = shoppers.weights_of(real, shoppers.built_in_mix())
        distributions = self.known.weights[drawn]
        people = calibrate.Predicted(
            probabilities=(distributions / fields.DISTRIBUTION_TOTAL).astype(
                np.float32
            ),
            ages_years=real,
            weights=weights,
            child_weights=weights,
        )
        counted = calibrate.count_bands(distributions, people)
        return dataclasses.replace(card, band_confusion=counted)


def of_known(known: known_faces.KnownFaces) -> Crowd:
    """Makes a crowd of those who shop.

    Raises:
      ValueError: none of them is of the calibration split.
    """
    known = known.take(known.ages_years >= shoppers.MIN_AGE_YEARS)
    num_calibration = int((known.split == "calibration").sum())
    if not num_calibration:
        raise ValueError("no known face is of the calibration split")
    mean_years, _ = ages.mean_and_sigma(known.weights)
    real = known.ages_years.astype(np.float64)
    return Crowd(
        known=known,
        mean_years=mean_years,
        weights=shoppers.weights_of(real, shoppers.built_in_mix()),
        num_calibration=num_calibration,
    )
