"""Fits an age model on labelled photos and writes a bundle.

Run it as `tillage train --images photos.tar --labels labels.csv --output BUNDLE`.
"""

import contextlib
import datetime
import logging
import pathlib
import sys
import tempfile
from collections.abc import Iterator, Sequence

from pipelines.inference import bundle as bundles
from training import config, dataset, errors, options


def main(argv: Sequence[str]) -> int:
    """Runs one training.

    Args:
      argv: Flags.

    Returns:
      Exit code: 0 trained, 2 bad usage or input.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        settings = options.parse(argv)
        bundle = train(settings, datetime.datetime.now(datetime.UTC).date())
    except errors.InputError as error:
        print(f"tillage train: {error}", file=sys.stderr)
        return 2
    print("\n".join(summary(bundle)))
    return 0


def train(settings: config.TrainConfig, created: datetime.date) -> bundles.Bundle:
    """Trains, calibrates and exports.

    Args:
      settings: Of the run.
      created: UTC date, for the card.

    Returns:
      The bundle that was written.

    Raises:
      errors.InputError: photos, labels or weights cannot be used.
    """
    try:
        import keras

        from training import export, frozen_features
    except ModuleNotFoundError as error:
        raise errors.InputError(
            f"training needs {error.name}; install it with pip install 'tillage[train]'"
        ) from error
    keras.utils.set_random_seed(settings.seed)
    # Bad weights fail here, before a photo is read.
    backbone = frozen_features.make_backbone(settings)
    with _cache(settings.cache) as cache:
        photos = dataset.read(settings, cache)
        model, _ = frozen_features.fit_model(backbone, photos, settings)
        return export.write(model, photos, settings, created)


def summary(bundle: bundles.Bundle) -> list[str]:
    """Says what was written.

    Returns:
      Lines such as `test_mae_years  6.91`, under the bundle's version and folder.
    """
    card = bundle.card
    counts = card.training_data.splits
    return [
        f"bundle {bundle.version} in {bundle.folder}",
        "photos " + ", ".join(f"{name} {count}" for name, count in counts.items()),
        *(f"{name}  {value:g}" for name, value in sorted(card.metrics.items())),
        f"licence: {card.license}",
    ]


@contextlib.contextmanager
def _cache(folder: pathlib.Path | None) -> Iterator[pathlib.Path]:
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="tillage-train-") as temporary:
        yield pathlib.Path(temporary)
