"""Google Cloud Storage as a storage root.

Credentials are found as Google's libraries find them; `STORAGE_EMULATOR_HOST` leads
to an emulator. Calls that fail for a while (429, 5xx, cut connections) are repeated
with growing pauses, for two minutes; checksums of whole objects are verified.
"""

import contextlib
import datetime
import functools
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import pyarrow as pa
from google.api_core import exceptions
from google.auth import exceptions as auth_exceptions
from google.cloud import storage
from google.cloud.storage import retry

from pipelines.storage import gcs_errors, roots

SCHEME = "gs://"

# A file that is read in parts, such as a tar batch, comes in ranges of this size.
_RANGE_BYTES = 8 * 2**20


class ChangedError(Exception):
    """An object was not written, for somebody else wrote it first."""


class Stored(NamedTuple):
    """A small object as it was at one moment.

    Attributes:
      content: Its bytes.
      generation: Their version.
      updated_at_utc: When they were written, by the clock of the storage.
    """

    content: bytes
    generation: int
    updated_at_utc: datetime.datetime


class GcsRoot:
    """A bucket, or what is below a prefix of one; see `roots.Root`."""

    reads_at_once = 8

    def __init__(self, url: str) -> None:
        """Opens a place such as `gs://bucket/prefix`, which may be empty yet.

        Raises:
          roots.StorageError: it names no bucket, or there are no credentials.
        """
        bucket, _, prefix = url.removeprefix(SCHEME).partition("/")
        if not bucket:
            raise roots.StorageError(f"{url}: name a bucket, such as gs://bucket/in")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._bucket = client().bucket(bucket)

    def describe(self, path: str = "") -> str:
        """Names a path for people."""
        return f"{SCHEME}{self._bucket.name}/{self._prefix}{path}".rstrip("/")

    def folders(self, path: str) -> list[str]:
        """Lists the sub-folders of `path`, sorted."""
        start = self._folder(path)
        pages = self._bucket.list_blobs(
            prefix=start, delimiter="/", fields="prefixes,nextPageToken"
        )
        # What is a folder is known when all pages have come.
        for _ in self._listed(pages):
            pass
        names = (found.removeprefix(start).rstrip("/") for found in pages.prefixes)
        return sorted(name for name in names if not _is_hidden(name))

    def files(self, path: str, recursive: bool = True) -> Iterator[roots.Entry]:
        """Yields the files below `path`, at any depth or right below it."""
        start = self._folder(path)
        pages = self._bucket.list_blobs(
            prefix=start, delimiter=None if recursive else "/"
        )
        for blob in self._listed(pages):
            # Consoles mark an empty folder by an object whose name ends in "/".
            below = blob.name.removeprefix(start)
            if not blob.name.endswith("/") and not _is_hidden(below):
                yield roots.Entry(
                    path=blob.name.removeprefix(self._prefix),
                    size=blob.size,
                    generation=f"{blob.generation:020d}",
                    updated_at_utc=blob.updated,
                )

    def names(self) -> list[str]:
        """Lists the objects right below the root."""
        return [entry.path for entry in self.files("", recursive=False)]

    def exists(self, path: str) -> bool:
        """Tells whether a file or folder is there."""
        with self._clear_errors(path):
            if path and self._blob(path).exists():
                return True
        below = self._bucket.list_blobs(prefix=self._folder(path), max_results=1)
        return next(self._listed(below), None) is not None

    def read(self, path: str, offset: int = 0, size: int | None = None) -> bytes:
        """Reads a file or a part of it, in one request."""
        if size == 0:
            return b""
        part: dict[str, int] = {"start": offset} if offset or size else {}
        if size:
            part["end"] = offset + size - 1
        with self._clear_errors(path):
            content: bytes = self._blob(path).download_as_bytes(**part)
        return content

    def open(self, path: str) -> BinaryIO:
        """Opens a file for reading."""
        with self._clear_errors(path):
            blob = self._bucket.get_blob(self._prefix + path)
        if blob is None:
            raise FileNotFoundError(2, "No such object", self.describe(path))
        opened: BinaryIO = blob.open("rb", chunk_size=_RANGE_BYTES)
        return opened

    def arrow_source(self, path: str) -> tuple[pa.BufferReader, None]:
        """Gives the bytes, in one request; tables of a day are small."""
        return pa.BufferReader(self.read(path)), None

    def write(
        self,
        path: str,
        content: bytes,
        content_type: str = "application/octet-stream",
    ) -> None:
        """Writes a file whole or not at all."""
        with self._clear_errors(path):
            self._blob(path).upload_from_string(
                content, content_type=content_type, checksum="crc32c"
            )

    def check_writable(self, folder: str = "") -> None:
        """Writes a hidden object and deletes it again.

        Raises:
          roots.StorageError: there is no such bucket, or this account may not.
        """
        path = f"{folder}/.check".lstrip("/")
        try:
            self.write(path, b"written")
        except FileNotFoundError as error:
            raise roots.StorageError(
                f"{SCHEME}{self._bucket.name}: no such bucket"
            ) from error
        self.delete(path)

    def sweep(self, path: str) -> None:
        """Does nothing: an upload that was cut off leaves nothing behind."""

    def delete(self, path: str) -> None:
        """Deletes a file or a folder with all in it."""
        below = self._bucket.list_blobs(prefix=self._folder(path))
        for blob in [self._blob(path), *self._listed(below)]:
            with self._clear_errors(path), contextlib.suppress(exceptions.NotFound):
                blob.delete()

    def delete_seen(self, entry: roots.Entry) -> bool:
        """Deletes an object if it is still the one that was listed; one request.

        It names the generation: a bucket that keeps versions keeps none of this one.
        """
        name, generation = self._prefix + entry.path, int(entry.generation)
        with self._clear_errors(entry.path):
            try:
                self._bucket.delete_blob(
                    name, generation=generation, if_generation_match=generation
                )
            except (exceptions.NotFound, exceptions.PreconditionFailed):
                return not self._blob(entry.path).exists()
        return True

    def drop_empty_folders(self, path: str) -> None:
        """Does nothing: a bucket has no folders."""

    def fetch(self, path: str) -> Stored | None:
        """Reads an object with its generation; None if it is not there."""
        with self._clear_errors(path):
            while blob := self._bucket.get_blob(self._prefix + path):
                # Somebody may write it between the two requests.
                with contextlib.suppress(
                    exceptions.NotFound, exceptions.PreconditionFailed
                ):
                    content = blob.download_as_bytes(
                        if_generation_match=blob.generation
                    )
                    return Stored(content, blob.generation, blob.updated)
        return None

    def write_if(self, path: str, content: bytes, generation: int) -> int:
        """Writes an object if it is still the one that was seen.

        An answer that was lost on its way makes the library ask again, and the second
        request finds what the first one wrote: that is no change by somebody else.

        Args:
          path: Below this root.
          content: Its new bytes.
          generation: That it must have; 0: it must not be there.

        Returns:
          Its new generation.

        Raises:
          ChangedError: it has another.
        """
        blob = self._blob(path)
        with self._clear_errors(path):
            try:
                blob.upload_from_string(
                    content,
                    content_type="application/json",
                    checksum="crc32c",
                    if_generation_match=generation,
                )
                return int(blob.generation)
            except exceptions.PreconditionFailed as error:
                found = self.fetch(path)
                if found is None or found.content != content:
                    raise ChangedError(self.describe(path)) from error
        return found.generation

    def copy(self, source: str, target: str) -> None:
        """Copies an object within the bucket, whole or not at all.

        Raises:
          FileNotFoundError: `source` is gone.
        """
        with self._clear_errors(source):
            # The library itself repeats only what a generation guards; a copy that is
            # made twice is the same copy.
            self._bucket.copy_blob(
                self._blob(source),
                self._bucket,
                self._prefix + target,
                retry=retry.DEFAULT_RETRY,
            )

    def checksums(self, path: str) -> dict[str, str]:
        """Lists the objects below `path`, hidden ones too, with their CRC32C."""
        below = self._bucket.list_blobs(prefix=self._folder(path))
        return {
            blob.name.removeprefix(self._prefix): blob.crc32c
            for blob in self._listed(below)
        }

    def _folder(self, path: str) -> str:
        return f"{self._prefix}{path}/" if path else self._prefix

    def _blob(self, path: str) -> storage.Blob:
        return self._bucket.blob(self._prefix + path)

    def _listed(self, pages: Iterator[storage.Blob]) -> Iterator[storage.Blob]:
        with self._clear_errors(""):
            try:
                yield from pages
            except exceptions.NotFound as error:
                raise roots.StorageError(
                    f"{SCHEME}{self._bucket.name}: no such bucket"
                ) from error

    def _clear_errors(self, path: str) -> contextlib.AbstractContextManager[None]:
        return gcs_errors.clear(self.describe(path))


def _is_hidden(below: str) -> bool:
    return any(name.startswith(".") for name in below.split("/"))


@functools.cache
def client() -> storage.Client:
    """Makes the one client of this process: it keeps connections open.

    Raises:
      roots.StorageError: there are no credentials.
    """
    try:
        return storage.Client()
    except (auth_exceptions.GoogleAuthError, OSError) as error:
        raise roots.StorageError(
            "gs://: no credentials of Google Cloud; run gcloud auth "
            f"application-default login, or name a key file: {error}"
        ) from error
