import pytest

from pipelines import dataflow, flags, options, template

_PLACES = {
    "--input": "gs://chain/in",
    "--output": "gs://chain/out",
    "--date": "2026-11-21",
    "--pseudonym-key-file": "gs://secrets/key",
}
_CLOUD = {
    "--runner": "DataflowRunner",
    "--project": "chain-project",
    "--region": "europe-west4",
    "--temp_location": "gs://chain/temp",
    "--sdk_container_image": "registry/tillage:1",
}


def _argv(**changes):
    given = _PLACES | _CLOUD
    for name, value in changes.items():
        flag = next((f for f in given if f[2:].replace("-", "_") == name), f"--{name}")
        given[flag] = value
    return [f"{flag}={value}" for flag, value in given.items() if value is not None]


def test_what_workers_reach_is_taken():
    settings, beam_flags = options.parse(_argv())

    assert settings.is_on_dataflow
    assert {flag.split("=")[0] for flag in beam_flags} == set(_CLOUD) - {"--runner"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"input": "/data/in"}, "cannot reach --input /data/in; give a place in a"),
        ({"output": "out"}, "cannot reach --output out"),
        ({"bundle": "my-bundle"}, "cannot reach --bundle my-bundle"),
        ({"pseudonym_key_file": "/etc/key"}, "--pseudonym-key-file /etc/key"),
        ({"pseudonym_key_file": None}, "do not see $TILLAGE_PSEUDONYM_KEY; give"),
        ({"workers": "3"}, "--workers is for workers of this machine"),
        ({"workers": "0"}, "has flags of its own: --max_num_workers"),
        ({"hang-seconds": "9"}, "--hang-seconds is for workers of this machine"),
        ({"project": None}, "it needs --project"),
        ({"region": None}, "it needs --region"),
        ({"temp_location": None}, "it needs --temp_location"),
        ({"sdk_container_image": None}, "it needs --sdk_container_image"),
        ({"staging_location": "/tmp"}, "--staging_location must be a place in a"),
        ({"number_of_worker_harness_threads": "4"}, "must be 1"),
        ({"project": "123"}, "not project number"),
        ({"job_name": "Night_1"}, "Invalid job_name (Night_1)"),
        ({"runner": "dataflow", "region": None}, "--runner dataflow: it needs"),
    ],
)
def test_what_workers_cannot_use_is_refused_in_one_line(changes, said):
    with pytest.raises(flags.UsageError) as refusal:
        options.parse(_argv(**changes))
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_workers_need_no_key_where_pseudonyms_are_omitted():
    argv = [*_argv(pseudonym_key_file=None), "--cashier-ids=omit"]
    settings, _ = options.parse(argv)

    assert settings.secrecy.cashier_ids == "omit"


@pytest.mark.parametrize(
    ("given", "name"),
    [([], "tillage-2026-11-21"), (["--job_name=night"], "night")],
)
def test_a_job_is_named_after_its_day_unless_it_has_a_name(given, name):
    settings, beam_flags = options.parse([*_argv(), *given])
    asked = dataflow._beam_options(dataflow.with_defaults(settings, beam_flags))
    assert asked.get_all_options()["job_name"] == name
    assert asked.get_all_options()["number_of_worker_harness_threads"] == 1


def test_parameters_of_a_template_become_flags(capsys):
    taken = template.to_flags(
        [
            "--max_rejected_fraction=0.02",
            "--date=2026-11-21",
            "--allow_shrink=true",
            "--fresh=false",
            "--sdk_container_image=registry/tillage:1",
            "--no_use_public_ips",
            "--what_a_later_launcher_adds=1",
        ]
    )

    assert taken == [
        "--max-rejected-fraction=0.02",
        "--date=2026-11-21",
        "--allow-shrink",
        "--sdk_container_image=registry/tillage:1",
        "--no_use_public_ips",
    ]
    assert "--what_a_later_launcher_adds is not known" in capsys.readouterr().err


def test_a_switch_is_true_or_false(capsys):
    assert template.main(["--fresh=yes"]) == 2
    assert "--fresh must be true or false; received 'yes'" in capsys.readouterr().err
