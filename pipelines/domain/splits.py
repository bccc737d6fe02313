"""Which photos a model may learn from: splits by stable hash of the file name."""

import zlib

import numpy as np
import numpy.typing as npt

SPLITS = ("train", "validation", "calibration", "test")

_SHARES_BELOW = (0.7, 0.8, 0.9)


def split_of(file_name: str) -> str:
    """Assigns a labelled photo to its split by its bare file name alone.

    Training also looks at ages and duplicates (`training.splitting`); where its
    `splits.csv` is at hand, that counts.

    Returns:
      One of `SPLITS`: 70 % train, 10 % each of the others.
    """
    return SPLITS[int(split_at(np.array([share_of(file_name)]))[0])]


def share_of(file_name: str) -> float:
    """Hashes a bare file name to [0, 1), whatever folder or tar it lies in."""
    code = zlib.crc32(file_name.rsplit("/", 1)[-1].encode())
    return (code % 100 + code / 2**32) / 100


def split_at(shares: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Finds the splits at places in an order of photos.

    Args:
      shares: Places, 0 to 1, shape `(n,)`.

    Returns:
      Indices into `SPLITS`, shape `(n,)`.
    """
    return np.searchsorted(_SHARES_BELOW, shares, side="right")
