"""A server that speaks as much of Dataflow's REST protocol as Beam's client asks for.

It runs the jobs that it takes on this machine, one process a job: `sent_job`.
"""

import contextlib
import dataclasses
import http.server
import json
import pathlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

from tests import buckets
from tests.integration import dataflow_jobs

_CANCELLED = 5
"""Number of JOB_STATE_CANCELLED in requests."""


@dataclasses.dataclass
class Job:
    """A job that was taken.

    Attributes:
      name: As its sender named it.
      request_id: Of the request that it came with.
      process: What runs it.
      output: File of what that says.
      is_cancelled: Whether somebody cancelled it.
    """

    name: str
    request_id: str
    process: subprocess.Popen[bytes]
    output: pathlib.Path
    is_cancelled: bool = False

    @property
    def state(self) -> str:
        """What the service says of it."""
        code = self.process.poll()
        if code is None:
            return "JOB_STATE_CANCELLING" if self.is_cancelled else "JOB_STATE_RUNNING"
        if self.is_cancelled:
            return "JOB_STATE_CANCELLED"
        return "JOB_STATE_FAILED" if code else "JOB_STATE_DONE"


class Service:
    """The service.

    Attributes:
      jobs: All that it took, by id.
      is_forbidden: Whether it takes no job.
      holds_jobs: Whether a job that it takes waits for SIGCONT.
      gives_existing: How it refuses a second job of a name, both of which Dataflow is
        known to do: by the job that is there, or by an error.
    """

    def __init__(self, emulator: buckets.Emulator, folder: pathlib.Path) -> None:
        """Takes where buckets are, and a folder to work in."""
        self._emulator, self._folder = emulator, folder
        self.jobs: dict[str, Job] = {}
        self.is_forbidden = self.holds_jobs = self.gives_existing = False

    @contextlib.contextmanager
    def running(self) -> Iterator[dict[str, str]]:
        """Serves; gives the variables of a process that lead `http://localhost` here.

        Beam takes no endpoint with a port.
        """
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield {"http_proxy": address, "no_proxy": "127.0.0.1"}
        finally:
            server.shutdown()
            server.server_close()
            for job in self.jobs.values():
                job.process.kill()
                job.process.wait()

    def create(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Starts a job."""
        if self.is_forbidden:
            return 403, _error(
                403, "PERMISSION_DENIED", "(5d1f): no dataflow.jobs.create"
            )
        for job_id, job in self.jobs.items():
            if job.name == asked["name"] and job.process.poll() is None:
                if self.gives_existing:
                    return 200, self._shown(job_id)
                return 409, _already_exists(job.name)
        job_id = f"job-{len(self.jobs)}"
        folder = self._folder / job_id
        folder.mkdir()
        self._fetch(asked["environment"]["sdkPipelineOptions"]["options"], folder)
        self.jobs[job_id] = self._start(asked, folder)
        return 200, self._shown(job_id)

    def get(self, job_id: str) -> tuple[int, dict[str, Any]]:
        """Tells the state of a job."""
        return 200, self._shown(job_id)

    def update(self, job_id: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Cancels a job."""
        assert asked == {"requestedState": _CANCELLED}
        self.jobs[job_id].is_cancelled = True
        self.jobs[job_id].process.terminate()
        return 200, self._shown(job_id)

    def messages(self, job_id: str) -> tuple[int, dict[str, Any]]:
        """Gives what a failed job said."""
        job = self.jobs[job_id]
        if job.state != "JOB_STATE_FAILED":
            return 200, {}
        message = {
            "id": "1",
            "time": "2026-11-22T04:00:00Z",
            "messageText": job.output.read_text() or "the worker was lost",
            "messageImportance": "JOB_MESSAGE_ERROR",
        }
        return 200, {"jobMessages": [message]}

    def _fetch(self, options: dict[str, Any], folder: pathlib.Path) -> None:
        bucket, _, path = options["pipelineUrl"].removeprefix("gs://").partition("/")
        staged = self._emulator.client().bucket(bucket)
        for blob in staged.list_blobs(prefix=path.rpartition("/")[0] + "/"):
            blob.download_to_filename(str(folder / pathlib.Path(blob.name).name))

    def _start(self, asked: dict[str, Any], folder: pathlib.Path) -> Job:
        script = pathlib.Path(__file__).with_name("sent_job.py")
        output = folder / "output"
        with open(output, "wb") as written:
            process = subprocess.Popen(
                [sys.executable, str(script), str(folder / "pipeline.pb")],
                cwd=folder,
                env=dataflow_jobs.environment(self._emulator),
                stdout=written,
                stderr=written,
            )
        if self.holds_jobs:
            process.send_signal(signal.SIGSTOP)
        return Job(asked["name"], asked["clientRequestId"], process, output)

    def _shown(self, job_id: str) -> dict[str, Any]:
        job = self.jobs[job_id]
        return {
            "id": job_id,
            "name": job.name,
            "clientRequestId": job.request_id,
            "currentState": job.state,
        }


def _already_exists(name: str) -> dict[str, Any]:
    return _error(
        409,
        "ALREADY_EXISTS",
        f"(5d1f): The workflow could not be created. Causes: (5d1e): There is already "
        f"an active job named {name}. If you want to submit a second job, try again by "
        "setting a different name.",
    )


def _error(code: int, status: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "status": status}}


def _handler_of(service: Service) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._answer(*service.create(self._asked()))

        def do_PUT(self) -> None:
            self._answer(*service.update(self._path()[-1], self._asked()))

        def do_GET(self) -> None:
            *_, job_id, last = self._path()
            if last == "messages":
                self._answer(*service.messages(job_id))
            else:
                self._answer(*service.get(last))

        def _path(self) -> list[str]:
            return self.path.split("?")[0].split("/")

        def _asked(self) -> dict[str, Any]:
            length = int(self.headers["Content-Length"])
            asked: dict[str, Any] = json.loads(self.rfile.read(length))
            return asked

        def _answer(self, code: int, answer: dict[str, Any]) -> None:
            content = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler
