"""What lies in a local warehouse: published tables, and what no day owns."""

import collections
import datetime
import hashlib
import pathlib

from pipelines.publishing import versions, warehouse
from schemas import tables

_PUBLISHED_SCORES = "published-"


def published(root: pathlib.Path, date: datetime.date) -> dict[str, str]:
    """Reads a day's tables as readers find them.

    Returns:
      Digest of each file by its path; `runs` is not among them.
    """
    partition = warehouse.day(str(root), date).partition
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for table in tables.PUBLISHED
        for path in sorted((root / table.folder / partition).glob("*.parquet"))
    }


def num_bytes(root: pathlib.Path) -> int:
    """Adds up the sizes of all files; links count nothing."""
    return sum(path.stat().st_size for path in _files(root) if not path.is_symlink())


def unowned(root: pathlib.Path) -> collections.Counter[str]:
    """Counts files and links that belong to no published day.

    A published day owns the files that its manifest names, their links, the row of
    each of its runs, one file of kept scores, and the file that its runs lock.

    Returns:
      Number by the first two folders of their path.
    """
    owned: set[pathlib.Path] = set()
    for pointer in (root / ".days").glob("*"):
        owned |= _owned(root, pointer)
    left = set(_files(root)) - owned
    return collections.Counter(
        "/".join(path.relative_to(root).parts[:2]) for path in left
    )


def _owned(root: pathlib.Path, pointer: pathlib.Path) -> set[pathlib.Path]:
    day = warehouse.day(str(root), datetime.date.fromisoformat(pointer.name))
    manifest = versions.read(str(pointer))
    if manifest is None:
        return set()
    version = root / day.version_folder(manifest.version)
    owned = {pointer, version / versions.MANIFEST, pathlib.Path(day.lock_path)}
    for file in manifest.files:
        owned.add(version / file.table / file.name)
        owned.add(pathlib.Path(day.links_path(file.table)) / file.name)
    owned |= set(pathlib.Path(day.runs_path).glob("*.parquet"))
    scores = sorted((root / day.kept_folder).glob(f"*/{_PUBLISHED_SCORES}*.arrow"))
    return owned | set(scores[:1])


def _files(root: pathlib.Path) -> list[pathlib.Path]:
    paths = root.rglob("*")
    return [path for path in paths if path.is_symlink() or not path.is_dir()]
