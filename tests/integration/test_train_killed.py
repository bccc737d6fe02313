"""A training that is killed, and started again."""

import csv
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from tests.training import builders
from training import recipes

_DEADLINE_SECONDS = 600


@pytest.mark.slow
def test_a_killed_training_goes_on_where_it_stopped(tmp_path):
    rows = builders.write_photos(tmp_path / "photos", 150)
    labels = builders.write_labels(tmp_path / "labels.csv", rows)
    run = tmp_path / "bundle.run"
    command = [sys.executable, "-m", "pipelines.cli", "train", "--fit-only"]
    command += [f"--images={tmp_path / 'photos'}", f"--labels={labels}"]
    command += [f"--output={tmp_path / 'bundle'}", "--initial-weights=random"]
    command += ["--image-size=32", "--face-crop=none", "--batch-size=2", "--epochs=6"]
    command += ["--frozen-blocks", *recipes.BLOCKS]

    _kill_when(command, run / "checkpoint" / "state.json")
    reached = json.loads((run / "checkpoint" / "state.json").read_text())
    assert not (run / "result.json").exists()
    subprocess.run(command, check=True, timeout=_DEADLINE_SECONDS)

    result = json.loads((run / "result.json").read_text())
    assert result["num_resumes"] == 1
    with (run / "log.csv").open(newline="") as file:
        shown = [int(row["photos"]) for row in csv.DictReader(file)]
    # What the checkpoint holds was not shown again, and nothing was left out.
    assert reached["num_photos"] in shown
    assert shown == sorted(set(shown))
    assert shown[-1] == 6 * result["num_train_photos"]


def _kill_when(command: list[str], path: pathlib.Path) -> None:
    """Starts a command and kills its whole group once a state has photos."""
    process = subprocess.Popen(command, start_new_session=True)
    started = time.monotonic()
    while not _num_photos(path):
        assert process.poll() is None, "it ended before it was killed"
        assert time.monotonic() - started < _DEADLINE_SECONDS
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def _num_photos(state: pathlib.Path) -> int:
    # Checkpoints are renamed while we look; the first one has no photos yet.
    try:
        return int(json.loads(state.read_text())["num_photos"])
    except FileNotFoundError:
        return 0
