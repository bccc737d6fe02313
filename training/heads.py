"""Fits the head of a network alone, on features that are computed once."""

import keras
import numpy as np
import numpy.typing as npt
import tqdm

from training import batches, losses, model, recipes

_BATCH = 256
_WEIGHT_DECAY = 1e-2


def fit(
    network: keras.Model, looks: batches.Batches, recipe: recipes.FitConfig
) -> None:
    """Fits all that comes after the features, and sets what standardises them.

    A head of random weights would send random gradients into a trunk that knows
    something already.

    Args:
      network: From `networks.build`, with the head of a distribution; its head is
        changed in place.
      looks: What to compute features of.
      recipe: Says how the head learns.
    """
    features, targets = _computed(network, looks)
    network.get_layer(model.STANDARDISE).set_weights(
        [features.mean(axis=0), features.var(axis=0)]
    )
    head = keras.Model(
        network.get_layer(model.FEATURES).output, network.output, name="head"
    )
    steps = recipe.head_epochs * -(-len(features) // _BATCH)
    head.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(recipe.head_learning_rate, steps),
            weight_decay=_WEIGHT_DECAY,
        ),
        loss=losses.DistributionLoss(recipe.mean_loss_weight),
    )
    head.fit(features, targets, batch_size=_BATCH, epochs=recipe.head_epochs, verbose=0)


def _computed(
    network: keras.Model, looks: batches.Batches
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Computes features `(photos, features)`, and gives the targets beside them."""
    trunk = keras.Model(network.input, network.get_layer(model.FEATURES).output)
    found, targets = [], []
    for step in tqdm.trange(len(looks), desc="features", unit="batch", leave=False):
        crops, wanted = looks[step]
        found.append(np.asarray(trunk.predict_on_batch(crops), np.float32))
        targets.append(wanted)
    return np.concatenate(found), np.concatenate(targets)
