import datetime
import math

import pytest

from pipelines import config


@pytest.mark.parametrize("wrong", [-1.0, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    ("part", "setting"),
    [
        (config.Limits, "max_rejected_fraction"),
        (config.Scoring, "min_face_px"),
        (config.Scoring, "min_size_ratio"),
        (config.Scoring, "min_sharpness"),
        (config.Scoring, "batch_size"),
        (config.Joining, "match_slack_seconds"),
        (config.Joining, "max_clock_offset_seconds"),
        (config.Joining, "legal_age_years"),
        (config.Joining, "challenge_age_years"),
        (config.Joining, "eligible_probability"),
        (config.Joining, "num_partitions"),
    ],
)
def test_every_number_has_a_finite_range(part, setting, wrong):
    with pytest.raises(config.SettingsError) as refusal:
        part(**{setting: wrong})
    assert refusal.value.setting == setting
    assert str(refusal.value).startswith(f"{setting} must be ")
    assert str(refusal.value).endswith(f"; received {wrong}")


@pytest.mark.parametrize(
    ("setting", "wrong"),
    [
        ("num_workers", -1),
        ("num_table_shards", 0),
        ("hang_seconds", math.inf),
        ("input_root", ""),
        ("output_root", ""),
        ("bundle", ""),
        ("runner", ""),
    ],
)
def test_settings_of_the_whole_run_are_checked(setting, wrong):
    right = {"input_root": "in", "output_root": "out", "day": datetime.date(2026, 1, 2)}
    with pytest.raises(config.SettingsError, match=f"^{setting} must"):
        config.ScoreConfig(**right | {setting: wrong})


@pytest.mark.parametrize("groups", [(), (0, 25), (25, 25), (45, 25), (25, 101)])
def test_age_groups_rise(groups):
    with pytest.raises(config.SettingsError, match="rising"):
        config.Joining(age_groups=groups)


def test_day_starts_at_a_wall_clock_time():
    with pytest.raises(config.SettingsError, match="without an offset"):
        config.Joining(day_starts_at=datetime.time(4, tzinfo=datetime.UTC))


def test_legal_age_bounds_the_challenge_age():
    with pytest.raises(config.SettingsError, match="the legal age, 30, and 100"):
        config.Joining(legal_age_years=30, challenge_age_years=29)


@pytest.mark.parametrize(
    ("part", "setting"),
    [
        (config.Scoring, "engine"),
        (config.Scoring, "face_crop"),
        (config.Secrecy, "cashier_ids"),
    ],
)
def test_a_choice_is_one_of_those_offered(part, setting):
    with pytest.raises(config.SettingsError, match=f"^{setting} must be one of "):
        part(**{setting: "other"})


def test_a_breach_is_told_under_the_name_of_the_flag():
    error = config.SettingsError("num_table_shards", "must be above 0", 0)
    assert error.message_for("--table-shards") == (
        "--table-shards must be above 0; received 0"
    )
