"""What the image is built from, and how it starts; `make image-test` installs it."""

import pathlib
import re
import subprocess
import sys

import apache_beam

_ROOT = pathlib.Path(__file__).parents[2]
_DOCKERFILE = (_ROOT / "Dockerfile").read_text()


def test_the_worker_program_is_of_the_beam_and_the_python_that_are_installed():
    version = apache_beam.__version__
    assert f"apache/beam_python3.11_sdk:{version}\n" in _DOCKERFILE
    assert f"\napache-beam=={version} " in (
        _ROOT / "requirements" / "dataflow.lock"
    ).read_text().replace("apache-beam[gcp]", "")
    assert "FROM ${PYTHON_IMAGE} AS packages" in _DOCKERFILE
    assert "ARG PYTHON_IMAGE=python:3.11-slim\n" in _DOCKERFILE


def test_all_that_is_copied_is_there_and_let_through():
    let_through = (_ROOT / ".dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", _DOCKERFILE, re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    assert "pipelines" in sources
    for source in sources:
        assert (_ROOT / source).exists(), source
        assert f"!{source}" in let_through or f"!{source.split('/')[0]}" in let_through


def test_locks_agree_on_what_they_share():
    core = _pins("core")
    assert "tensorflow" not in core
    for name in ("dataflow", "dataflow-tensorflow", "dataflow-tensorflow-cuda"):
        pins = _pins(name)
        assert core.items() <= pins.items(), name
        assert ("tensorflow" in pins) == (name != "dataflow"), name
        assert ("nvidia-cudnn-cu12" in pins) == name.endswith("cuda"), name


def _pins(lock):
    text = (_ROOT / "requirements" / f"{lock}.lock").read_text()
    pins = re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==(\S+)", text, re.MULTILINE)
    return dict(pins)


def test_beams_program_starts_it_and_the_launcher_lies_where_dataflow_looks():
    last = _DOCKERFILE.rstrip().splitlines()[-1]
    assert last == 'ENTRYPOINT ["/opt/apache/beam/boot"]'
    launcher = "/opt/google/dataflow/python_template_launcher"
    assert f"\nCOPY --from=launcher {launcher} {launcher}\n" in _DOCKERFILE


def test_the_launcher_runs_a_file_that_says_what_it_needs():
    assert "ENV FLEX_TEMPLATE_PYTHON_PY_FILE=/opt/tillage/launch.py\n" in _DOCKERFILE
    ended = subprocess.run(
        [sys.executable, str(_ROOT / "deploy" / "dataflow" / "launch.py")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith(
        "tillage score: the following arguments are required"
    )
