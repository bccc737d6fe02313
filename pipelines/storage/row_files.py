"""Finds the files of rows in a folder."""

from typing import NamedTuple

from pipelines.storage import roots, tabular


class FoundFiles(NamedTuple):
    """What lies in a folder, at any depth, sorted by path.

    Attributes:
      paths: Files of rows.
      strays: All others but markers such as `_SUCCESS`: other formats, what
        is no file, links that may not be followed, names that are not UTF-8 (escaped).
    """

    paths: list[str]
    strays: list[str]


def find(root: roots.Root, folder: str) -> FoundFiles:
    """Finds the files of rows in a folder; none if it does not exist."""
    found = FoundFiles([], [])
    for entry in root.files(folder):
        is_usable = roots.is_text(entry.path) and not entry.fault
        if is_usable and tabular.is_tabular(entry.path):
            found.paths.append(entry.path)
        elif not entry.path.rsplit("/", 1)[-1].startswith("_"):
            found.strays.append(roots.escape(entry.path))
    return found
