"""Changes to a local file system that are whole, and stay, whenever power goes."""

import contextlib
import os
import pathlib
import shutil
import uuid

OWNER_ONLY = 0o700
"""Mode of the job's own folders, and of tables until their owner opens them."""

_WRITING = ".new"


def write(
    path: str, content: bytes, mode: int = 0o600, *, is_lasting: bool = True
) -> None:
    """Writes a file whole or not at all, into a folder that exists.

    Args:
      path: Of the file.
      content: Of the file.
      mode: Of the file, whatever the umask.
      is_lasting: Whether it must outlive a loss of power, which takes milliseconds.
    """
    temporary = _temporary(path)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            if is_lasting:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    if is_lasting:
        sync_folder(os.path.dirname(path))


def link(path: str, target: str) -> None:
    """Makes `path` a link to `target` in one step, whatever link it was before."""
    if os.path.islink(path) and os.readlink(path) == target:
        return
    temporary = _temporary(path)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    os.symlink(target, temporary)
    os.replace(temporary, path)


def move(source: str, target: str) -> None:
    """Renames a file or folder within one file system."""
    os.rename(source, target)
    sync_folder(os.path.dirname(target))
    sync_folder(os.path.dirname(source))


def delete(path: str, trash: str) -> None:
    """Deletes a file or folder; it leaves its place at once, whole.

    Args:
      path: What to delete; no error if it is gone.
      trash: Folder for what is being deleted, on the same file system.
    """
    if not os.path.lexists(path):
        return
    moved = os.path.join(trash, uuid.uuid4().hex)
    os.rename(path, moved)
    if os.path.isdir(moved) and not os.path.islink(moved):
        shutil.rmtree(moved)
    else:
        os.unlink(moved)


def sync_folder(folder: str) -> None:
    """Makes sure that what was made, renamed or deleted in a folder stays so."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: str) -> None:
    """Deletes what killed writers left below a folder; no writer may be at work."""
    for path in pathlib.Path(folder).rglob(f".*{_WRITING}"):
        path.unlink()


def names(folder: str) -> list[str]:
    """Lists what is in a folder, sorted; nothing if it is not there."""
    if not os.path.isdir(folder):
        return []
    return sorted(entry.name for entry in pathlib.Path(folder).iterdir())


def _temporary(path: str) -> str:
    # One name for each path: what a killed process left is overwritten, not piled up.
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}{_WRITING}")


def make_private(folder: str) -> None:
    """Makes a folder, and those above it, that only their owner may enter."""
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for path in reversed(missing):
        # Another process of the run may be making the same folder.
        os.makedirs(path, OWNER_ONLY, exist_ok=True)
