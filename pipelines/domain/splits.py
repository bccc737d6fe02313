"""Which photos a model may learn from: a split by stable hash of the file name."""

import zlib

SPLITS = ("train", "validation", "calibration", "test")
_PERCENT_BELOW = ((70, "train"), (80, "validation"), (90, "calibration"), (100, "test"))


def split_of(file_name: str) -> str:
    """Assigns a labelled photo to its split.

    The answer depends on the bare file name alone, so that a photo stays on its
    side in every run, on every machine, inside a tar or out of it.

    Returns:
      One of `SPLITS`: 70 % train, 10 % each of the others.
    """
    name = file_name.rsplit("/", 1)[-1]
    percent = zlib.crc32(name.encode()) % 100
    return next(split for below, split in _PERCENT_BELOW if percent < below)
