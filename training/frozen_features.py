"""Recipe `frozen-features`: a head on features of a backbone that stays as it is."""

import functools
import hashlib
import logging

import keras
import numpy as np
import numpy.typing as npt

from training import backbone_features, config, dataset, fit, model, weights

_log = logging.getLogger(__name__)


def make_backbone(settings: config.TrainConfig) -> keras.Model:
    """Builds the backbone with its initial weights.

    Raises:
      weights.WeightsError: see `weights.initialise`.
    """
    trunk = model.build_trunk(settings.image_size)
    weights.initialise(trunk, settings.initial_weights)
    return model.build_backbone(trunk)


def fit_model(
    backbone: keras.Model, photos: dataset.Dataset, settings: config.TrainConfig
) -> tuple[keras.Model, list[float]]:
    """Fits the age model.

    Args:
      backbone: From `make_backbone`.
      photos: Of which the splits `train` and `validation` are used.
      settings: Of the run.

    Returns:
      The model, uncompiled, and its validation error after each epoch, in years.

    Raises:
      dataset.DatasetError: there is nothing to learn from.
    """
    train, validation = photos.rows("train"), photos.rows("validation")
    if not len(train):
        raise dataset.DatasetError("no photo fell into the split 'train'; give more")
    store = _Store(backbone, photos, settings.num_threads)
    # Mirrored faces are as old: twice the examples for no more photos.
    features = np.concatenate([store.get(train), store.get(train, is_mirrored=True)])
    head = model.build_head(*fit.moments(features), settings.head)
    errors = fit.fit_head(
        head,
        fit.Examples(
            features=features,
            ages_years=np.tile(photos.ages_years[train], 2),
        ),
        fit.Examples(
            features=store.get(validation), ages_years=photos.ages_years[validation]
        ),
        settings.head,
    )
    _log.info("validation MAE %.2f years", min(errors, default=np.nan))
    return model.join(backbone, head), errors


class _Store:
    """Features beside the crops that they are computed from."""

    def __init__(
        self, backbone: keras.Model, photos: dataset.Dataset, num_threads: int
    ) -> None:
        self._backbone = functools.cache(
            lambda: backbone_features.BackboneFeatures(backbone, num_threads)
        )
        self._photos = photos
        digest = hashlib.sha256()
        for values in backbone.get_weights():
            digest.update(np.ascontiguousarray(values).tobytes())
        self._weights = digest.hexdigest()[:16]

    def get(
        self, rows: npt.NDArray[np.int64], is_mirrored: bool = False
    ) -> npt.NDArray[np.float16]:
        asked = hashlib.sha256(rows.tobytes()).hexdigest()[:16]
        way = "mirrored" if is_mirrored else "plain"
        path = self._photos.folder / f"features-{self._weights}-{asked}-{way}.npy"
        if not path.is_file():
            found = self._backbone().extract(
                self._photos.faces, rows, is_mirrored=is_mirrored
            )
            partial = path.with_suffix(".part.npy")
            np.save(partial, found)
            partial.rename(path)
        features: npt.NDArray[np.float16] = np.load(path)
        return features
