"""Buckets of a real process that speaks Google Cloud Storage's protocol."""

import contextlib
import dataclasses
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator

import pytest
from google.auth import credentials
from google.cloud import storage

_SERVER = pathlib.Path(sys.executable).with_name("fake-gcs-server")
_PATIENCE_SECONDS = 30


@dataclasses.dataclass(frozen=True)
class Emulator:
    """A server of buckets on this machine.

    Attributes:
      address: Value of `STORAGE_EMULATOR_HOST` that leads to it.
    """

    address: str

    def client(self) -> storage.Client:
        """Gives a client of its own."""
        return storage.Client(
            project="tests",
            credentials=credentials.AnonymousCredentials(),
            client_options={"api_endpoint": self.address},
        )

    def new_bucket(self) -> storage.Bucket:
        """Makes an empty bucket."""
        return self.client().create_bucket(f"tests-{uuid.uuid4().hex}")


def upload(folder: pathlib.Path, bucket: storage.Bucket, prefix: str = "") -> str:
    """Copies a folder into a bucket; gives the copy's URL."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = prefix + path.relative_to(folder).as_posix()
            bucket.blob(name).upload_from_filename(str(path))
    return f"gs://{bucket.name}/{prefix}".rstrip("/")


def download(bucket: storage.Bucket, folder: pathlib.Path) -> pathlib.Path:
    """Copies all objects of a bucket into a folder, hidden ones too."""
    for blob in bucket.list_blobs():
        path = folder / blob.name
        path.parent.mkdir(parents=True, exist_ok=True)
        blob.download_to_filename(str(path))
    return folder


@contextlib.contextmanager
def emulator() -> Iterator[Emulator]:
    """Runs an emulator that keeps its objects in memory; skips the test without it."""
    if not _SERVER.exists():
        pytest.skip(f"{_SERVER} is not there; make builds it where there is Go")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    flags = ["-scheme=http", "-host=127.0.0.1", f"-port={port}", "-backend=memory"]
    server = subprocess.Popen([_SERVER, *flags, "-log-level=error"])
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, server)
        yield Emulator(address)
    finally:
        server.terminate()
        server.wait(_PATIENCE_SECONDS)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < ends_at and server.poll() is None:
        with contextlib.suppress(urllib.error.URLError):
            urllib.request.urlopen(f"{address}/_internal/healthcheck", timeout=1)
            return
        time.sleep(0.05)
    raise RuntimeError(f"{_SERVER.name} does not answer at {address}")
