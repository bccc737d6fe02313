import dataclasses
import datetime
import re

import pytest

from pipelines import config, flags, options

_PORTABLE = ("--runner=PortableRunner", "--job_endpoint=localhost:8099")
_REQUIRED = ("--input", "in", "--output", "out", "--date", "2026-11-21")


def _parse(*more):
    parsed, leftovers = options.parse([*_REQUIRED, *more])
    return parsed, leftovers


def test_defaults_are_those_of_the_settings():
    parsed, leftovers = _parse()
    assert parsed == config.ScoreConfig(
        input_root="in", output_root="out", day=datetime.date(2026, 11, 21)
    )
    assert leftovers == []


@pytest.mark.parametrize(
    ("given", "part", "name", "value"),
    [
        (("--bundle", "b"), None, "bundle", "b"),
        (("--workers", "3"), None, "num_workers", 3),
        (("--fresh",), None, "is_fresh", True),
        (("--detailed-exit-codes",), None, "has_detailed_exit_codes", True),
        (("--table-shards", "4"), None, "num_table_shards", 4),
        (("--hang-seconds", "5"), None, "hang_seconds", 5.0),
        (("--runner", "FlinkRunner"), None, "runner", "FlinkRunner"),
        (("--engine", "tensorflow"), "scoring", "engine", "tensorflow"),
        (("--face-crop", "none"), "scoring", "face_crop", "none"),
        (("--batch-size", "8"), "scoring", "batch_size", 8),
        (("--min-face-px", "50"), "scoring", "min_face_px", 50),
        (("--min-size-ratio", "2"), "scoring", "min_size_ratio", 2.0),
        (("--min-sharpness", "9"), "scoring", "min_sharpness", 9.0),
        (
            ("--day-starts-at", "05:30"),
            "joining",
            "day_starts_at",
            datetime.time(5, 30),
        ),
        (("--timezone", "Europe/Berlin"), "joining", "timezone", "Europe/Berlin"),
        (
            ("--restricted-categories", "WINE,BEER"),
            "joining",
            "restricted_categories",
            ("BEER", "WINE"),
        ),
        (("--match-slack-seconds", "4"), "joining", "match_slack_seconds", 4.0),
        (
            ("--max-clock-offset-seconds", "60"),
            "joining",
            "max_clock_offset_seconds",
            60.0,
        ),
        (("--legal-age", "21"), "joining", "legal_age_years", 21),
        (("--challenge-age", "30"), "joining", "challenge_age_years", 30),
        (("--eligible-probability", "0.7"), "joining", "eligible_probability", 0.7),
        (("--age-groups", "18,30"), "joining", "age_groups", (18, 30)),
        (("--join-partitions", "7"), "joining", "num_partitions", 7),
        (("--max-rejected-fraction", "0.2"), "limits", "max_rejected_fraction", 0.2),
        (("--allow-shrink",), "limits", "allow_shrink", True),
        (("--pseudonym-key-file", "k"), "secrecy", "key_file", "k"),
        (("--cashier-ids", "omit"), "secrecy", "cashier_ids", "omit"),
    ],
)
def test_each_flag_changes_its_setting_and_no_other(given, part, name, value):
    parsed, _ = _parse(*given)
    default, _ = _parse()
    holder = default if part is None else getattr(default, part)
    assert getattr(holder, name) != value
    changed = dataclasses.replace(holder, **{name: value})
    if part is not None:
        changed = dataclasses.replace(default, **{part: changed})
    assert parsed == changed


@pytest.mark.parametrize("name", ["DirectRunner", "direct"])
def test_runner_of_this_machine_is_the_default(name):
    assert _parse("--runner", name) == _parse()


def test_there_is_a_test_of_every_flag():
    [tested] = test_each_flag_changes_its_setting_and_no_other.pytestmark
    names = {given[0] for given, *_ in tested.args[1]} | set(_REQUIRED[::2])
    offered = re.findall(r"^  (--[a-z-]+)", flags.parser().format_help(), re.MULTILINE)
    assert sorted(offered) == sorted(names)


def test_help_says_what_the_settings_have():
    words = flags.parser().format_help().split()
    shown = " ".join(words)
    for flag, default in {
        "--batch-size N": "16",
        "--day-starts-at HH:MM": "04:00",
        "--age-groups YEARS,YEARS": "25,45,65",
        "--timezone ZONE": "none",
        "--min-size-ratio X": "the bundle's",
        "--workers N": "one a core",
    }.items():
        _, _, help_text = shown.rpartition(flag)
        assert help_text.split("(default: ")[1].startswith(f"{default})")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("--wrokers", "3"), "unknown flag --wrokers"),
        (("--work", "3"), "unknown flag --work"),
        (("--date", "21.11.2026"), "a date looks like 2026-11-21"),
        (("--timezone", "Berlin"), "Europe/Berlin"),
        (("--eligible-probability", "1.5"), "received 1.5"),
        (("--max-rejected-fraction", "2"), "received 2.0"),
        (
            ("--challenge-age", "10"),
            "--challenge-age must be between the legal age, 18, and 100; received 10",
        ),
        (
            ("--table-shards", "0"),
            "--table-shards must be between 1 and 1000; received 0",
        ),
        (("--min-face-px", "-1"), "--min-face-px must be between 1 and 10000"),
        (("--min-size-ratio", "0"), "--min-size-ratio must be"),
        (("--max-clock-offset-seconds", "-5"), "--max-clock-offset-seconds must be"),
        (("--match-slack-seconds", "inf"), "received inf"),
        (("--hang-seconds", "nan"), "received nan"),
        (("--day-starts-at", "04:00+02:00"), "--day-starts-at must be a local time"),
        (("--day-starts-at", "25:00"), "a time of day looks like 04:00, not '25:00'"),
        (("--input", ""), "--input must not be empty"),
        (("--output", ""), "--output must not be empty"),
        (("foo",), "unexpected argument foo"),
        (("--runner", "Bogus"), "--runner Bogus: "),
        (("--runner", "no.such.Runner"), "--runner no.such.Runner: "),
        (("--runner", "datetime.date"), "--runner datetime.date: "),
        (("--runner", "builtins.object"), "is not a Beam runner"),
        (("--runner", "PortableRunner"), "needs --job_endpoint HOST:PORT"),
        ((*_PORTABLE, "--environment_type=POOL"), "EXTERNAL, LOOPBACK, PROCESS: POOL"),
        ((*_PORTABLE, "--environment_type=EXTERNAL"), "needs --environment_config"),
        ((*_PORTABLE, "--workers=2"), "--workers is for workers of this machine"),
        (("--runner=FlinkRunner", "--hang-seconds=9"), "--hang-seconds is for"),
        (("--no_wait_until_finish",), "is for --runner DataflowRunner"),
        ((*_PORTABLE, "--no_wait_until_finish"), "is for --runner DataflowRunner"),
        (("--direct_num_workers=3",), "use --workers"),
        (("--direct_running_mode", "multi_threading"), "use --workers"),
        (("--age-groups", "45,25"), "rising"),
        (("--age-groups", "old"), "25,45,65"),
        (("--engine", "torch"), "invalid choice: 'torch'"),
        (("--batch-size", "0"), "--batch-size must be between 1 and 256; received 0"),
    ],
)
def test_bad_flag_is_refused_in_one_line(given, message):
    with pytest.raises(flags.UsageError) as refusal:
        _parse(*given)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_flags_of_beam_are_left_for_beam():
    _, leftovers = _parse("--job_name", "night")
    assert leftovers == ["--job_name", "night"]


def test_kept_scores_are_told_apart_by_what_decides_them():
    parsed, _ = _parse()
    same = _parse("--workers", "7", "--batch-size", "3")[0]
    others = [
        _parse(*given)[0].scores_fingerprint("model")
        for given in (("--engine", "tensorflow"), ("--face-crop", "none"))
    ]
    fingerprints = [
        parsed.scores_fingerprint("model"),
        parsed.scores_fingerprint("other model"),
        *others,
    ]
    assert len(set(fingerprints)) == 4
    assert same.scores_fingerprint("model") == fingerprints[0]
