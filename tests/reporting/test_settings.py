import dataclasses
import datetime
import json

import pytest

from pipelines import config
from pipelines.domain import age_groups
from pipelines.reporting import settings

_DAY = datetime.date(2026, 11, 21)
_CONFIG = settings.ReportConfig(
    warehouse="w", first_day=_DAY, last_day=_DAY, output="o"
)


def test_one_day_is_a_span():
    assert _CONFIG.num_days == 1


def test_groups_are_those_of_the_bounds():
    changed = dataclasses.replace(_CONFIG, group_bounds_years=(20, 60))
    assert changed.groups == age_groups.AgeGroups((20, 60))


def test_json_holds_every_setting():
    written = json.loads(_CONFIG.to_json())
    assert set(written) == {field.name for field in dataclasses.fields(_CONFIG)}
    assert written["first_day"] == "2026-11-21"


@pytest.mark.parametrize(
    ("setting", "value", "rule"),
    [
        ("warehouse", "", "must not be empty; received ''"),
        ("output", "", "must not be empty"),
        ("bundle", "", "must not be empty"),
        ("level", "shelf", "must be one of category, product; received shelf"),
        (
            "last_day",
            _DAY - datetime.timedelta(days=1),
            "must not be before the first day, 2026-11-21; received 2026-11-20",
        ),
        (
            "last_day",
            _DAY + datetime.timedelta(days=settings.MAX_DAYS),
            "must be at most 1100 days from the first day",
        ),
        ("group_bounds_years", (), "rising multiples of 5"),
        ("group_bounds_years", (45, 25), "received 45,25"),
        ("group_bounds_years", (25, 25), "rising"),
        ("group_bounds_years", (18, 25), "multiples of 5"),
        ("group_bounds_years", (0, 25), "between 5 and 95"),
        ("group_bounds_years", (25, 100), "between 5 and 95"),
        ("group_bounds_years", tuple(range(5, 45, 5)), "must be 1 to 7"),
        ("legal_age_years", 13, "must be between 14 and 100"),
        ("challenge_age_years", 17, "must be between 18 and 100"),
        ("period_days", 0, "must be between 1 and 366; received 0"),
        ("min_eligible_sales", 0, "must be between 1"),
        ("min_expected", float("nan"), "received nan"),
        ("min_expected", float("inf"), "received inf"),
        ("min_cell_baskets", 4, "must be between 5"),
        ("min_baskets", 9, "must be between 10"),
        ("bootstrap_draws", 10, "must be between 20"),
        ("seed", -1, "received -1"),
    ],
)
def test_a_value_out_of_range_is_refused(setting, value, rule):
    with pytest.raises(config.SettingsError) as refusal:
        dataclasses.replace(_CONFIG, **{setting: value})
    assert refusal.value.setting == setting
    assert rule in str(refusal.value)
