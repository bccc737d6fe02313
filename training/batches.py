"""Batches of varied crops; which photo comes when depends on the seed alone."""

import dataclasses
import math

import keras
import numpy as np
import numpy.typing as npt

from training import augmentation, dataset, losses, shoppers, splitting

_LEAST_WEIGHT, _MOST_WEIGHT = 0.3, 4.0
# Kinds of chance that must not depend on each other.
_ORDER, _LOOKS = 1, 2

Rows = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mix:
    """How often which photos are shown.

    Attributes:
      age_balance: 0 shows all photos alike, 1 all age bands of five years alike;
        in between, rare ages more often, by that power.
      child_weight: How often a child too young to shop alone is shown, against
        others; see `training.shoppers`.
      source_weights: How often a photo of a source is shown, where not 1.
      framed_share: How often a photo is shown in its frame, where it has one.
    """

    age_balance: float
    child_weight: float = 1.0
    source_weights: tuple[tuple[str, float], ...] = ()
    framed_share: float = 0.3


class Deck:
    """Orders the photos of each epoch.

    An epoch has as many photos as there are to learn from; one of weight 2 comes
    twice, one of weight 0.5 every other time.
    """

    def __init__(self, photos: dataset.Dataset, rows: Rows, mix: Mix, seed: int):
        """Takes the plain looks among `rows`; framed ones come in their place."""
        plain = photos.views[rows] == "plain"
        self._rows = rows[plain]
        self._weights = weights(photos, self._rows, mix)
        self._framed = _framed(photos, self._rows, rows[~plain])
        self._mix, self._seed = mix, seed

    def __len__(self) -> int:
        """Photos an epoch."""
        return len(self._rows)

    def epoch(self, number: int) -> Rows:
        """Gives the rows of one epoch, shape `(len(self),)`."""
        rng = np.random.default_rng([self._seed, _ORDER, number])
        order = rng.permutation(len(self._rows))
        reached = np.cumsum(self._weights[order]) / self._weights.sum()
        places = (np.arange(len(order)) + rng.random()) / len(order)
        drawn = order[np.minimum(np.searchsorted(reached, places), len(order) - 1)]
        rng.shuffle(drawn)
        is_framed = rng.random(len(drawn)) < self._mix.framed_share
        is_framed &= self._framed[drawn] >= 0
        return np.where(is_framed, self._framed[drawn], self._rows[drawn])

    def span(self, start: int, stop: int) -> Rows:
        """Gives the rows from one place to another, over the epochs' borders."""
        epochs = range(start // len(self), math.ceil(stop / len(self)))
        rows = np.concatenate([self.epoch(number) for number in epochs])
        first = start - epochs.start * len(self)
        return rows[first : first + stop - start]


def weights(photos: dataset.Dataset, rows: Rows, mix: Mix) -> npt.NDArray[np.float64]:
    """Says how often each of `rows` is shown, up to a factor; shape `(len(rows),)`."""
    bands = (photos.ages_years[rows] // splitting.BAND_YEARS).astype(int)
    counts = np.bincount(bands)[bands]
    found = (counts / counts.mean()) ** -mix.age_balance
    found = np.clip(found, _LEAST_WEIGHT, _MOST_WEIGHT)
    found[photos.ages_years[rows] < shoppers.MIN_AGE_YEARS] *= mix.child_weight
    for source, weight in mix.source_weights:
        found[photos.sources[rows] == source] *= weight
    return found


def _framed(photos: dataset.Dataset, plain: Rows, framed: Rows) -> Rows:
    """Finds the framed look of each plain one; -1 where there is none."""
    known = dict(zip(photos.names[framed].tolist(), framed.tolist(), strict=True))
    return np.array([known.get(name, -1) for name in photos.names[plain]], np.int64)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Targets:
    """What a model is to say of a photo.

    Attributes:
      is_distribution: Distributions over ages, shape `(batch, 101)`; else ages in
        years, shape `(batch, 1)`.
      label_sigma_years: Spread of the distributions.
    """

    is_distribution: bool
    label_sigma_years: float

    def of(self, ages_years: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Turns ages, shape `(batch,)`, into targets."""
        if self.is_distribution:
            return losses.label_distributions(ages_years, self.label_sigma_years)
        return ages_years[:, None].astype(np.float32)


class Batches(keras.utils.PyDataset):
    """The steps of one part of a training."""

    def __init__(
        self,
        photos: dataset.Dataset,
        rows: Rows,
        *,
        start: int,
        batch_size: int,
        size_px: int,
        strength: augmentation.Strength,
        targets: Targets,
        seed: int,
        workers: int,
    ) -> None:
        """Prepares the part.

        Args:
          photos: With wide crops.
          rows: Of all photos of the part, in order.
          start: Number of photos shown before; each gets variations of its own.
          batch_size: Photos a step.
          size_px: Side of the crops.
          strength: How much to vary them.
          targets: What to learn.
          seed: Of the variations.
          workers: Threads that make batches ahead.
        """
        super().__init__(workers=workers, use_multiprocessing=False, max_queue_size=8)
        self._wide = photos.wide
        self._ages = photos.ages_years
        self._share = photos.faces.shape[1] / photos.wide.shape[1]
        self._rows, self._start, self._batch_size = rows, start, batch_size
        self._size_px, self._strength, self._targets = size_px, strength, targets
        self._seed = seed

    def __len__(self) -> int:
        """Number of steps."""
        return math.ceil(len(self._rows) / self._batch_size)

    def __getitem__(
        self, step: int
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
        """Makes one batch: crops `(batch, size, size, 3)` uint8, and targets."""
        first = step * self._batch_size
        rows = self._rows[first : first + self._batch_size]
        shown = [self._varied(row, first + place) for place, row in enumerate(rows)]
        return np.stack(shown), self._targets.of(self._ages[rows])

    def _varied(self, row: int, place: int) -> npt.NDArray[np.uint8]:
        return augmentation.varied(
            self._wide[row],
            share=self._share,
            size_px=self._size_px,
            strength=self._strength,
            rng=np.random.default_rng([self._seed, _LOOKS, self._start + place]),
        )
