"""Fits an age model on labelled photos and writes a bundle.

Run it as `tillage train --images photos.tar --labels labels.csv --output BUNDLE`.
"""

import datetime
import logging
import os
import sys
from collections.abc import Sequence

from pipelines.inference import bundle as bundles
from training import config, dataset, errors, options, runs


def main(argv: Sequence[str]) -> int:
    """Runs one training.

    Args:
      argv: Flags.

    Returns:
      Exit code: 0 trained, 1 refused, 2 bad usage or input.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        settings = options.parse(argv)
        said = train(settings, datetime.datetime.now(datetime.UTC).date())
    except errors.InputError as error:
        print(f"tillage train: {error}", file=sys.stderr)
        return 2
    except errors.RefusedError as error:
        print(f"tillage train: {error}", file=sys.stderr)
        return 1
    print("\n".join(said))
    return 0


def train(settings: config.TrainConfig, created: datetime.date) -> list[str]:
    """Trains, calibrates and exports.

    Args:
      settings: Of the run.
      created: UTC date, for the card.

    Returns:
      What was done, line by line.

    Raises:
      errors.InputError: photos, labels or weights cannot be used.
      errors.RefusedError: the model fails a check of the export.
    """
    # Twice as fast on CPUs where TensorFlow does not choose them by itself.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    try:
        import keras

        from training import fitting
    except ModuleNotFoundError as error:
        raise errors.InputError(
            f"training needs {error.name}; install it with pip install 'tillage[train]'"
        ) from error
    keras.utils.set_random_seed(settings.seed)
    fit = fitting.prepare(settings)
    run = runs.Run(settings.run_folder)
    photos = dataset.read(settings, settings.cache or run.folder)
    run.begin(settings, photos)
    fitted = fit(photos, run)
    if settings.is_fit_only:
        return [f"{name}  {value}" for name, value in run.result().items()]
    try:
        # Needs TensorFlow, which a machine for fitting may lack.
        from training import export
    except ModuleNotFoundError as error:
        raise errors.InputError(
            f"the export needs {error.name}; the fit is kept in {run.folder}: give the "
            "same command where it is installed"
        ) from error
    return summary(export.write(fitted(), photos, settings, created))


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
