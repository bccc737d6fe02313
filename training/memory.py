"""Foresees whether a fit has room, before hours are spent on it."""

import psutil

from training import config, errors

# Measured with TensorFlow on a CPU: the framework, weights, moments and averages, and
# what one photo of 224 px leaves behind on its way through ResNet50 for the way back.
_BASE_BYTES = 2.0e9
_PHOTO_BYTES = 1.5e8
_PHOTO_PX = 224


class RoomError(errors.InputError):
    """A step needs more memory than there is; the message says what to change."""


def check(settings: config.TrainConfig) -> None:
    """Compares what a step takes with what is free.

    Raises:
      RoomError: it is not enough.
    """
    scale = (settings.image_size / _PHOTO_PX) ** 2
    needed = _BASE_BYTES + settings.fit.batch_size * scale * _PHOTO_BYTES
    free = psutil.virtual_memory().available
    if free < needed:
        raise RoomError(
            f"steps of {settings.fit.batch_size} photos of {settings.image_size} px "
            f"take about {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are "
            "free; lower --batch-size or --image-size"
        )
