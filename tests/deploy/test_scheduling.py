"""What can be checked of schedules without the machines that they run on."""

import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import zoneinfo

import pytest
import yaml
from google.cloud import dataflow_v1beta3
from google.protobuf import json_format

from pipelines import flags

_REPOSITORY = pathlib.Path(__file__).parents[2]
_FOLDER = _REPOSITORY / "deploy" / "scheduling"
_GOOGLE = _FOLDER / "google"
_WORKFLOW = (_GOOGLE / "workflow.yaml").read_text()


@pytest.fixture
def nightly(tmp_path):
    """Runs the script of cron and systemd on a machine without inputs."""

    def run(*arguments, **environment):
        settings = {
            "PATH": f"{_REPOSITORY}/.venv/bin:/usr/bin:/bin",
            "TILLAGE_INPUT": str(tmp_path / "tills"),
            "TILLAGE_OUTPUT": str(tmp_path / "warehouse"),
            "TILLAGE_TIMEZONE": "Europe/Berlin",
            "TILLAGE_LOGS": str(tmp_path / "logs"),
        }
        return subprocess.run(
            [_FOLDER / "nightly.sh", *arguments],
            env=os.environ | settings | environment,
            stdout=subprocess.PIPE,
            text=True,
            timeout=100,
        )

    return run


def _log(tmp_path):
    [path] = (tmp_path / "logs").iterdir()
    return path.name, path.read_text()


# Their dates differ at any time of day.
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_bad_input_of_yesterday_in_the_zone_of_the_chain_is_not_tried_again(
    nightly, tmp_path, zone
):
    ended = nightly("--workers=-1", TILLAGE_TIMEZONE=zone)
    now = datetime.datetime.now(zoneinfo.ZoneInfo(zone))
    day = (now.date() - datetime.timedelta(days=1)).isoformat()
    name, log = _log(tmp_path)
    assert (ended.returncode, name) == (2, f"{day}.log")
    assert f"{day} is not published, exit code 2" in ended.stdout
    assert "--workers must be between" in ended.stdout
    assert log.count(" begins") == 1


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"TILLAGE_TIMEZONE": "Mars/Olympus"}, "must be an IANA name; received Mars/"),
        ({"TILLAGE_LOGS": ""}, "TILLAGE_LOGS is not set"),
    ],
)
def test_a_bad_setting_is_one_line(nightly, environment, said):
    ended = nightly(**environment)
    assert ended.returncode == 2
    [line] = ended.stdout.splitlines()
    assert said in line


def test_every_line_of_the_cron_table_is_one():
    lines = (_FOLDER / "tillage.cron").read_text().splitlines()
    jobs = [line for line in lines if line[:1].isdigit()]
    assert len(jobs) == 4
    for line in jobs:
        *when, user, _ = line.split(maxsplit=6)
        assert all(re.fullmatch(r"\*|\d+", field) for field in when)
        assert user == "tillage"
    others = [line for line in lines if line and line not in jobs]
    assert all(re.match(r"#|[A-Z_]+=\S+$", line) for line in others)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_systemd_knows_every_line_of_the_units(tmp_path):
    for path in (_FOLDER / "systemd").iterdir():
        text = path.read_text().replace("/opt/tillage/deploy", f"{_REPOSITORY}/deploy")
        (tmp_path / path.name).write_text(text)
    units = [tmp_path / f"tillage-nightly.{kind}" for kind in ("timer", "service")]
    ended = subprocess.run(
        ["systemd-analyze", "verify", *units],
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.fixture(scope="module")
def steps():
    """Every step of the workflow, by name."""
    return {
        name: step
        for named in yaml.safe_load(_WORKFLOW)["main"]["steps"]
        for name, step in named.items()
    }


def _texts(found):
    if isinstance(found, dict):
        return [text for value in found.values() for text in _texts(value)]
    if isinstance(found, list):
        return [text for value in found for text in _texts(value)]
    return [found] if isinstance(found, str) else []


def test_every_jump_leads_to_a_step(steps):
    targets = set(re.findall(r"next: (\w+)", _WORKFLOW))
    assert targets == {"verdict", "pause", "wait", "launch"}
    assert targets <= set(steps)


def test_arguments_of_the_workflow_are_those_of_the_schedule(steps):
    used = set(re.findall(r"args\.(\w+)", " ".join(_texts(steps))))
    assert used == set(json.loads((_GOOGLE / "arguments.json").read_text()))


def test_every_variable_is_assigned_before_it_is_used(steps):
    known = {"args", "error"}
    for step in steps.values():
        assigned = {name for pair in step.get("assign", []) for name in pair}
        inner = step.get("try", {})
        expressions = " ".join(
            re.sub(r'"[^"]*"', "", text) for text in _texts(step) if "${" in text
        )
        names = set(re.findall(r"(?<![\w.])([a-z_]+)\b(?![\w(.]*\()", expressions))
        assert names - {"and", "in", "http"} <= known | assigned
        known |= assigned | {inner.get("result")}


def test_dataflow_takes_what_is_launched_and_tillage_its_parameters(steps):
    body = steps["launch"]["try"]["args"]["body"]
    body["launchParameter"]["environment"]["maxWorkers"] = 8
    request = json_format.ParseDict(
        body, dataflow_v1beta3.LaunchFlexTemplateRequest.pb()()
    )
    typed = [
        f"--{name.replace('_', '-')}=2026-11-21"
        for name in request.launch_parameter.parameters
    ]
    _, unknown = flags.parser().parse_known_args(typed)
    assert unknown == []


def test_the_schedule_is_a_script():
    subprocess.run(["bash", "-n", _GOOGLE / "schedule.sh"], check=True, timeout=10)
