"""A folder of this user's own on this machine, for what belongs to no warehouse."""

import os
import tempfile

from pipelines.storage import durable, roots


def folder() -> str:
    """Gives the folder below the system's temporary one, which is made if need be.

    Raises:
      roots.StorageError: somebody else has made it.
    """
    path = os.path.join(tempfile.gettempdir(), f"tillage-{os.getuid()}")
    durable.make_private(path)
    if os.stat(path, follow_symlinks=False).st_uid != os.getuid():
        raise roots.StorageError(f"{path}: belongs to another user; name a TMPDIR")
    return path
