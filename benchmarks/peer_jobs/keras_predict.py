"""Keras `predict` over a tf.data pipeline."""

import os
import queue
import sys
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from benchmarks.peer_jobs import common
from pipelines.inference import bundle as bundles

_CROPPERS = len(os.sched_getaffinity(0))


def main(argv: Sequence[str]) -> int:
    """Scores the photos of a folder."""
    flags = common.parse(argv, __doc__)
    bundle = bundles.load(flags.bundle)
    paths = common.list_photos(flags.photos)
    # Made here: the threads of tf.data have too small a stack to compile a model.
    croppers: queue.SimpleQueue[common.Cropper] = queue.SimpleQueue()
    for _ in range(_CROPPERS):
        croppers.put(common.Cropper(bundle, flags.faces))

    def crop(path: bytes) -> np.ndarray:
        cropper = croppers.get()
        found = cropper.crop_or_blank(path.decode())
        croppers.put(cropper)
        return found

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
