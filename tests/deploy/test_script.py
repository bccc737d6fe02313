"""What `deploy/dataflow/dataflow.sh` would have docker and gcloud do."""

import json
import pathlib
import re
import shlex
import shutil
import subprocess

import pytest

_ROOT = pathlib.Path(__file__).parents[2]
_SCRIPT = _ROOT / "deploy" / "dataflow" / "dataflow.sh"
_PATH = "/usr/bin:/bin"
_GIVEN = {
    "IMAGE": "europe-west4-docker.pkg.dev/chain-project/tillage/tillage:1",
    "PROJECT": "chain-project",
    "TEMPLATE": "gs://chain-jobs/tillage.json",
    "REGION": "europe-west4",
    "STAGING": "gs://chain-jobs/staging",
    "SERVICE_ACCOUNT": "night@chain-project.iam.gserviceaccount.com",
    "INPUT": "gs://chain-tills/in",
    "OUTPUT": "gs://chain-warehouse",
    "DATE": "2026-11-21",
    "KEY_FILE": "gs://chain-secrets/key",
}


def _run(command, **variables):
    return subprocess.run(
        [str(_SCRIPT), command],
        env={"PATH": _PATH} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def _shown(command, **variables):
    ended = _run(command, DRY_RUN="1", **(_GIVEN | variables))
    assert ended.returncode == 0, ended.stderr
    return [shlex.split(line) for line in ended.stdout.splitlines()]


def _parameters(command):
    [given] = [
        command[place + 1]
        for place, word in enumerate(command)
        if word == "--parameters"
    ]
    assert given.startswith("^~^")
    pairs = given.removeprefix("^~^").split("~")
    return dict(pair.split("=", 1) for pair in pairs)


def test_help_names_every_variable():
    ended = _run("help")
    assert ended.returncode == 0
    used = set(re.findall(r"\$\{?([A-Z][A-Z_]+)", _SCRIPT.read_text()))
    for name in used | set(_GIVEN):
        assert re.search(rf"\b{name}\b", ended.stdout), name


def test_without_a_command_it_says_how_it_is_used():
    ended = _run("deploy")
    assert ended.returncode == 2
    assert "usage:" in ended.stderr


@pytest.mark.parametrize(
    ("command", "variables"),
    [
        ("image", ["IMAGE"]),
        ("template", ["IMAGE", "PROJECT", "TEMPLATE"]),
        ("run", list(_GIVEN)),
    ],
)
def test_what_is_missing_is_named(command, variables):
    for missing in variables:
        given = {name: value for name, value in _GIVEN.items() if name != missing}
        ended = _run(command, **given)
        assert ended.returncode == 2
        assert ended.stderr.startswith(f"dataflow.sh: {missing} is not set")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"INPUT": "/data/tills"}, "INPUT must be a gs:// place; received /data/tills"),
        ({"KEY_FILE": "/etc/key"}, "KEY_FILE must be a gs:// place; received /etc/key"),
        ({"DATE": "21.11.2026"}, "DATE must be YYYY-MM-DD; received 21.11.2026"),
    ],
)
def test_what_is_wrong_is_named(changes, said):
    ended = _run("run", **(_GIVEN | changes))
    assert (ended.returncode, ended.stderr) == (2, f"dataflow.sh: {said}\n")


def test_the_image_has_tensorflow_where_asked():
    build, push = _shown("image", WITH_TENSORFLOW="cuda")
    assert build[:4] == ["docker", "build", "--target", "dataflow"]
    assert "WITH_TENSORFLOW=cuda" in build
    assert push == ["docker", "push", _GIVEN["IMAGE"]]


def test_a_day_runs_under_its_name_without_public_addresses():
    [run] = _shown("run")
    assert run[:5] == [
        "gcloud",
        "dataflow",
        "flex-template",
        "run",
        "tillage-2026-11-21",
    ]
    assert "--disable-public-ips" in run
    assert "--subnetwork" not in run


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"KEY_FILE": "omit"},
        {"ACCELERATOR": "nvidia-l4"},
        {"PARAMETERS": "age_groups=18,30,65~allow_shrink=true"},
    ],
)
def test_what_is_asked_of_the_template_it_takes(variables):
    [run] = _shown("run", **variables)
    metadata = json.loads((_SCRIPT.parent / "metadata.json").read_bytes())
    known = {given["name"]: given for given in metadata["parameters"]}
    asked = _parameters(run)
    assert {name for name in known if not known[name].get("isOptional")} <= set(asked)
    for name, value in asked.items():
        for regex in known[name].get("regexes", []):
            assert re.fullmatch(regex, value), name
    if "PARAMETERS" in variables:
        assert asked["age_groups"] == "18,30,65"
    assert ("pseudonym_key_file" in asked) == ("KEY_FILE" not in variables)


@pytest.mark.skipif(shutil.which("gcloud") is None, reason="gcloud is not installed")
def test_gcloud_understands_the_run(tmp_path):
    flags = {"ACCELERATOR": "nvidia-l4", "SUBNETWORK": "regions/r/subnetworks/s"}
    [run] = _shown("run", **flags)
    ended = subprocess.run(
        run,
        env={
            "PATH": _PATH,
            "CLOUDSDK_CONFIG": str(tmp_path),
            "CLOUDSDK_CORE_CHECK_GCE_METADATA": "false",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    # It has read every flag when it looks for an account.
    assert "You do not currently have an active account selected" in ended.stderr
