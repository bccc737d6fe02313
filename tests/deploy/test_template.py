"""The template says what the command takes, no less and no more."""

import datetime
import json
import operator
import pathlib
import re
import shutil
import subprocess

import jsonschema
import pytest
from google.cloud import dataflow_v1beta3

from pipelines import config, flags, options, template

_ROOT = pathlib.Path(__file__).parents[2]
_METADATA_PATH = _ROOT / "deploy" / "dataflow" / "metadata.json"
_METADATA = json.loads(_METADATA_PATH.read_bytes())
_PARAMETERS = {given["name"]: given for given in _METADATA["parameters"]}
_FLAGS = {
    template.parameter_of(flag): flag
    for flag in flags.offered()
    # Dataflow names its runner itself.
    if flag.name not in ("--runner", *template.LOCAL_FLAGS)
}
_OF_BEAM = {"sdk_container_image", "dataflow_service_options"}
_DEFAULTS = config.ScoreConfig(
    input_root="gs://b/in", output_root="gs://b/out", day=datetime.date(2026, 11, 21)
)
_GOOD = {
    "input": ["gs://chain-tills/in", "gs://chain"],
    "output": ["gs://chain-warehouse"],
    "date": ["2026-11-21"],
    "bundle": ["gs://chain/bundles/ages-4"],
    "pseudonym_key_file": ["gs://chain-secrets/key"],
    "cashier_ids": ["omit"],
    "engine": ["tensorflow"],
    "face_crop": ["none"],
    "batch_size": ["1", "256"],
    "min_face_px": ["40"],
    "min_size_ratio": ["1.5"],
    "min_sharpness": ["0", "9.5"],
    "day_starts_at": ["05:30"],
    "timezone": ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+1"],
    "restricted_categories": ["BEER,WINE", "SPIRITS & LIQUEURS"],
    "match_slack_seconds": ["4.5"],
    "max_clock_offset_seconds": ["60"],
    "legal_age": ["21", "16"],
    "challenge_age": ["30", "100"],
    "eligible_probability": ["0.7", ".5"],
    "age_groups": ["18,30,65"],
    "join_partitions": ["7"],
    "max_rejected_fraction": ["0", "0.02", "1"],
    "table_shards": ["16"],
    "fresh": ["true", "false"],
    "allow_shrink": ["true"],
}
_BAD = {
    "input": ["/data/tills", "gs://", "s3://chain/in"],
    "output": ["out"],
    "date": ["21.11.2026", "2026-13-01", "2026-11-21 "],
    "bundle": ["bundle"],
    "pseudonym_key_file": ["/etc/key", "gs://chain-secrets"],
    "batch_size": ["0", "many"],
    "min_face_px": ["-1"],
    "min_size_ratio": ["x"],
    "min_sharpness": ["-3"],
    "day_starts_at": ["4:00", "25:00", "04:00+02:00"],
    "timezone": ["Europe Berlin"],
    "restricted_categories": ["", ",WINE"],
    "match_slack_seconds": ["inf"],
    "max_clock_offset_seconds": ["-5"],
    "legal_age": ["0", "101"],
    "challenge_age": ["x"],
    "eligible_probability": ["1.5", "1"],
    "age_groups": ["old", "18,"],
    "join_partitions": ["0"],
    "max_rejected_fraction": ["2", "-0.1"],
    "table_shards": ["0"],
    "sdk_container_image": ["tillage", "a b/c"],
    "dataflow_service_options": ["a b"],
}


def _is_let_through(name, value):
    regexes = _PARAMETERS[name].get("regexes", [])
    return all(re.fullmatch(regex, value) for regex in regexes)


def test_google_documents_its_form():
    schema = json.loads(
        pathlib.Path(__file__).with_name("template_metadata.schema.json").read_bytes()
    )
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.FormatChecker()
    ).validate(_METADATA)


def test_googles_own_client_reads_it_to_the_last_field():
    read = dataflow_v1beta3.TemplateMetadata.from_json(json.dumps(_METADATA))
    assert [given.name for given in read.parameters] == list(_PARAMETERS)


@pytest.mark.skipif(shutil.which("gcloud") is None, reason="gcloud is not installed")
def test_gcloud_makes_a_template_of_it(tmp_path, monkeypatch):
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    command = ["gcloud", "dataflow", "flex-template", "build", "gs://b/t.json"]
    command += ["--project=chain-project", "--image=registry/tillage:1"]
    command += ["--sdk-language=PYTHON", f"--metadata-file={_METADATA_PATH}"]
    ended = subprocess.run(
        [*command, "--print-only", "--format=json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    spec = json.loads(json.loads(ended.stdout))
    assert spec["metadata"]["parameters"] == _METADATA["parameters"]


def test_it_has_a_parameter_for_every_flag():
    assert set(_PARAMETERS) == set(_FLAGS) | _OF_BEAM
    for name in _OF_BEAM:
        assert options.unknown_to_beam([f"--{name}=x"]) == []


@pytest.mark.parametrize("name", _FLAGS)
def test_a_parameter_is_its_flag(name):
    given, flag = _PARAMETERS[name], _FLAGS[name]
    assert given.get("isOptional", False) != flag.is_required
    assert (given["paramType"] == "BOOLEAN") == flag.is_switch
    choices = [option["value"] for option in given.get("enumOptions", [])]
    assert choices == list(flag.choices or [])
    if not flag.is_required and not flag.is_switch:
        default = operator.attrgetter(flag.setting)(_DEFAULTS)
        assert ("defaultValue" in given) == (default not in (None, ()))


def test_its_defaults_are_those_of_the_command():
    typed = [
        f"--{name}={given['defaultValue']}"
        for name, given in _PARAMETERS.items()
        if "defaultValue" in given
    ]
    required = ["--input=gs://b/in", "--output=gs://b/out", "--date=2026-11-21"]
    settings, _ = options.parse(template.to_flags([*required, *typed]))
    assert settings == _DEFAULTS
    for name, given in _PARAMETERS.items():
        assert "defaultValue" not in given or _is_let_through(
            name, given["defaultValue"]
        )


@pytest.mark.parametrize("name", _FLAGS)
def test_what_it_lets_through_the_command_reads(name):
    for value in _GOOD[name]:
        assert _is_let_through(name, value), value
        given = {"input": "gs://b/in", "output": "gs://b/out", "date": "2026-11-21"}
        typed = [f"--{key}={text}" for key, text in (given | {name: value}).items()]
        options.parse(template.to_flags(typed))


@pytest.mark.parametrize("name", _BAD)
def test_what_is_wrong_it_stops_at_the_door(name):
    for value in _BAD[name]:
        assert not _is_let_through(name, value), value


@pytest.mark.parametrize(
    "image",
    [
        "europe-west4-docker.pkg.dev/chain-project/tillage/tillage:1",
        "gcr.io/chain/tillage@sha256:" + "0" * 64,
    ],
)
def test_it_lets_images_through(image):
    assert _is_let_through("sdk_container_image", image)
