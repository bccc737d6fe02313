"""An engine of several processes: Beam's Prism, and pools of Beam workers."""

import contextlib
import dataclasses
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from pipelines import secret
from tests.integration import commands

_BIN = pathlib.Path(sys.executable).parent
_PRISM = _BIN / "prism"
_PATIENCE_SECONDS = 120


@dataclasses.dataclass(frozen=True)
class Pool:
    """A pool that starts Beam workers when it is told to, as on a machine of its own.

    Attributes:
      address: `HOST:PORT`, for `--environment_config`.
      process: The pool; its workers are its children.
    """

    address: str
    process: subprocess.Popen[bytes]

    def workers(self) -> list[psutil.Process]:
        """Gives the workers that are there."""
        return psutil.Process(self.process.pid).children()

    def kill(self) -> None:
        """Ends the pool and its workers, as the loss of their machine would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(_PATIENCE_SECONDS)


@contextlib.contextmanager
def prism() -> Iterator[str]:
    """Runs Prism; gives the address of its jobs; skips the test without it."""
    if not _PRISM.exists():
        pytest.skip(f"{_PRISM} is not there; make builds it where there is Go")
    port = _free_port()
    flags = [f"-job_port={port}", "-serve_http=false", "-log_level=error"]
    server = subprocess.Popen([_PRISM, *flags])
    try:
        _wait_for(port, server)
        yield f"localhost:{port}"
    finally:
        server.terminate()
        server.wait(_PATIENCE_SECONDS)


@contextlib.contextmanager
def pool() -> Iterator[Pool]:
    """Runs a pool of workers; they have the pseudonym key, and reach the emulator."""
    port = _free_port()
    module = "apache_beam.runners.worker.worker_pool_main"
    # It starts workers by the name of python.
    path = os.pathsep.join([str(_BIN), os.environ["PATH"]])
    process = subprocess.Popen(
        [sys.executable, "-m", module, f"--service_port={port}"],
        env=os.environ | {secret.VARIABLE: commands.KEY, "PATH": path},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    found = Pool(f"localhost:{port}", process)
    try:
        _wait_for(port, process)
        yield found
    finally:
        found.kill()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < ends_at and process.poll() is None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("localhost", port)),
        ):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} does not listen")
