"""Bundles that lie in a bucket, fetched once for each machine."""

import hashlib
import os
import pathlib
import tempfile

from pipelines.storage import durable, roots, scratch
from schemas import bundle as schema


def fetch(place: str) -> pathlib.Path:
    """Copies a bundle to this machine, unless it was copied before.

    Its files are not verified here.

    Args:
      place: Such as `gs://bucket/bundles/ages`.

    Returns:
      The copy's folder, named after the digest of `bundle.json`; it is not there if
      there is no such file in the bucket.

    Raises:
      roots.StorageError: the bucket cannot be read.
    """
    root = roots.at(place)
    copies = os.path.join(scratch.folder(), "bundles")
    try:
        card = root.read(schema.FILE_NAME)
    except FileNotFoundError:
        return pathlib.Path(copies, "none")
    folder = os.path.join(copies, hashlib.sha256(card).hexdigest())
    if not os.path.isdir(folder):
        durable.make_private(copies)
        with tempfile.TemporaryDirectory(dir=copies) as partial:
            _copy(root, os.path.join(partial, "bundle"))
            # Another process may have been faster.
            if not os.path.isdir(folder):
                os.rename(os.path.join(partial, "bundle"), folder)
    return pathlib.Path(folder)


def _copy(root: roots.Root, target: str) -> None:
    os.mkdir(target, durable.OWNER_ONLY)
    for name in root.names():
        durable.write(os.path.join(target, name), root.read(name))
