"""Deletes many files at once, where each one is a request that takes its time."""

from collections.abc import Sequence
from concurrent import futures

from pipelines.storage import roots

# A day of a million photos would be a million waiting requests.
_WAITING = 10_000


def delete_seen(root: roots.Root, entries: Sequence[roots.Entry]) -> int:
    """Deletes files that are still those that were listed.

    Args:
      root: Where they lie.
      entries: As `root` listed them.

    Returns:
      How many were replaced meanwhile, and stay.

    Raises:
      roots.StorageError: one of them cannot be deleted.
    """
    if not root.reads_at_once:
        return sum(not root.delete_seen(entry) for entry in entries)
    with futures.ThreadPoolExecutor(root.reads_at_once) as pool:
        return sum(
            not is_gone
            for start in range(0, len(entries), _WAITING)
            for is_gone in pool.map(root.delete_seen, entries[start : start + _WAITING])
        )
