"""Averages weights over the steps of a fit: flatter and better than the last ones."""

import keras
import numpy as np
import numpy.typing as npt

_EVERY = 16

Weights = list[npt.NDArray[np.float32]]


class Averager(keras.callbacks.Callback):
    """Keeps an exponential average of all weights of a model."""

    def __init__(self, average_steps: float) -> None:
        """Starts empty.

        Args:
          average_steps: Over about how many of the last steps; while there were
            fewer, over those that there were.
        """
        super().__init__()
        self._decay = max(1 - _EVERY / max(average_steps, _EVERY), 0.0)
        self.num_updates = 0
        self.average: Weights = []

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        """Takes up the weights, now and then."""
        if batch % _EVERY == _EVERY - 1:
            self.update(self.model.get_weights())

    def update(self, weights: Weights) -> None:
        """Takes up some weights."""
        if not self.average:
            self.average = [np.array(values) for values in weights]
        # A plain mean at first, so that the random start is soon forgotten.
        decay = min(self._decay, self.num_updates / (self.num_updates + 4))
        for kept, values in zip(self.average, weights, strict=True):
            kept *= decay
            kept += (1 - decay) * values
        self.num_updates += 1
