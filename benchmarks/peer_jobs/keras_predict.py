"""Keras `predict` over a tf.data pipeline."""

import sys
import threading
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from benchmarks.peer_jobs import common
from pipelines.inference import bundle as bundles


def main(argv: Sequence[str]) -> int:
    """Scores the photos of a folder."""
    flags = common.parse(argv, __doc__)
    bundle = bundles.load(flags.bundle)
    paths = common.list_photos(flags.photos)
    local = threading.local()

    def crop(path: bytes) -> np.ndarray:
        if not hasattr(local, "cropper"):
            local.cropper = common.Cropper(bundle, flags.faces)
        return local.cropper.crop_or_blank(path.decode())

    size = bundle.card.height

    def load(path: tf.Tensor) -> tf.Tensor:
        crops = tf.numpy_function(crop, [path], tf.uint8)
        return tf.ensure_shape(crops, (size, size, 3))

    data = tf.data.Dataset.from_tensor_slices(paths)
    data = data.map(load, num_parallel_calls=tf.data.AUTOTUNE)
    data = data.batch(common.BATCH).prefetch(tf.data.AUTOTUNE)
    model = keras.saving.load_model(flags.model, compile=False)
    said = model.predict(data, verbose=0)
    ages = common.ages_of(said, bundle.card.temperature)
    common.write(flags.output, zip(paths, ages, strict=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
