"""Who may read a table: what the mode and group of its prefix's folder say.

`marketing/`, `audit/`, `scores/` belong to different readers. Their owner sets mode
and group of those folders; every file published later copies them.
"""

import contextlib
import dataclasses
import os
import stat

from pipelines.storage import durable, roots

PASSAGE = 0o711
"""Mode of folders that lead to the tables: to pass through, not to list."""


@dataclasses.dataclass(frozen=True, slots=True)
class Access:
    """Mode and group that the folders and files of a table get.

    Attributes:
      mode: Mode of a folder; a file gets it without the right to enter.
      group: Group id.
    """

    mode: int
    group: int

    def make_folders(self, above: str, path: str) -> str:
        """Makes each folder of `path` below `above`, with these rights.

        Returns:
          The deepest folder.
        """
        folder = above
        for name in path.split("/"):
            folder = os.path.join(folder, name)
            if not os.path.isdir(folder):
                os.mkdir(folder, durable.OWNER_ONLY)
            self.grant(folder)
        return folder

    def grant(self, path: str) -> None:
        """Gives a file or folder these rights.

        Raises:
          roots.StorageError: this user may not.
        """
        found = os.stat(path)
        mode = self.mode if stat.S_ISDIR(found.st_mode) else self.mode & 0o666
        try:
            if found.st_gid != self.group:
                os.chown(path, -1, self.group)
            if stat.S_IMODE(found.st_mode) != mode:
                os.chmod(path, mode)
        except PermissionError as error:
            raise roots.StorageError(
                f"{path}: cannot give it mode {mode:o} and group {self.group}, as its "
                "table's folder has; make this user a member of that group"
            ) from error


def of_table(root: str, table: str) -> Access:
    """Reads the rights of a table off its prefix, which is made if need be.

    Args:
      root: Warehouse, absolute.
      table: Folder of the table, such as `marketing/purchase_ages`.
    """
    prefix = os.path.join(root, table.split("/", 1)[0])
    durable.make_private(prefix)
    found = os.stat(prefix)
    return Access(stat.S_IMODE(found.st_mode), found.st_gid)


def make_passage(folder: str) -> None:
    """Makes a folder that every reader of some table passes through."""
    if not os.path.isdir(folder):
        # A run of another day may be making the same folder.
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder)
            os.chmod(folder, PASSAGE)


def make_passages(folder: str) -> None:
    """Makes such a folder, and those above it that are missing."""
    above = os.path.dirname(os.path.abspath(folder))
    if not os.path.isdir(above):
        make_passages(above)
    make_passage(folder)
