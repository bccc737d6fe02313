import dataclasses
import datetime

import pytest

from pipelines import flags, purge_options
from pipelines.retention import settings

_TODAY = datetime.date(2026, 11, 25)


def _parse(*more):
    return purge_options.parse(["--warehouse=w", *more], _TODAY)


def test_defaults_are_those_of_the_settings():
    assert _parse() == settings.PurgeConfig(warehouse="w", as_of=_TODAY)


@pytest.mark.parametrize(
    ("flag", "setting", "value"),
    [
        ("--warehouse=x", "warehouse", "x"),
        ("--input=gs://b/in", "input_root", "gs://b/in"),
        ("--as-of=2026-11-24", "as_of", datetime.date(2026, 11, 24)),
        ("--dry-run", "is_dry_run", True),
        ("--photos-after-days=8", "photos_after_days", 8),
        ("--tables-after-days=99", "tables_after_days", 99),
        ("--leftovers-after-days=0", "leftovers_after_days", 0),
    ],
)
def test_each_flag_changes_its_setting(flag, setting, value):
    with_input = _parse("--input=i")

    assert _parse("--input=i", flag) == dataclasses.replace(
        with_input, **{setting: value}
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--photos-after-days=7"], "--photos-after-days needs --input"),
        (["--input="], "--input must not be empty"),
        (["--input=s3://b"], "--input s3://b: s3:// is not supported"),
        (["--tables-after-days=-1"], "--tables-after-days must be between 0 and"),
        (
            ["--input=i", "--photos-after-days=9", "--tables-after-days=8"],
            "--tables-after-days must not be less than --photos-after-days, 9",
        ),
        (["--as-of=2026-11-26"], "--as-of must not be after today, 2026-11-25"),
        (["--as-of=tomorrow"], "a date looks like 2026-11-21"),
        (["--photos"], "unrecognized arguments: --photos"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(more, said):
    with pytest.raises(flags.UsageError) as caught:
        _parse(*more)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_look_ahead_changes_nothing():
    assert _parse("--as-of=2027-11-26", "--dry-run").is_dry_run


def test_a_day_is_older_than_a_limit_from_the_day_after_on():
    wanted = _parse("--input=i", "--photos-after-days=7")

    assert not wanted.asks_for_photos_of(_TODAY - datetime.timedelta(days=7))
    assert wanted.asks_for_photos_of(_TODAY - datetime.timedelta(days=8))
    assert not wanted.asks_for_tables_of(datetime.date(2000, 1, 1))
