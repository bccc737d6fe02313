import dataclasses
import datetime

import pytest

from pipelines import flags, report_options
from pipelines.reporting import settings

_REQUIRED = (
    "--warehouse=w",
    "--from=2026-09-01",
    "--to=2026-11-21",
    "--output=o",
)


def _parse(*more):
    return report_options.parse([*_REQUIRED, *more])


def test_defaults_are_those_of_the_settings():
    assert _parse() == settings.ReportConfig(
        warehouse="w",
        first_day=datetime.date(2026, 9, 1),
        last_day=datetime.date(2026, 11, 21),
        output="o",
    )


@pytest.mark.parametrize(
    ("flag", "setting", "value"),
    [
        ("--warehouse=x", "warehouse", "x"),
        ("--from=2026-10-01", "first_day", datetime.date(2026, 10, 1)),
        ("--to=2026-11-22", "last_day", datetime.date(2026, 11, 22)),
        ("--output=p", "output", "p"),
        ("--output=gs://b/p", "output", "gs://b/p"),
        ("--bundle=b", "bundle", "b"),
        ("--level=product", "level", "product"),
        ("--groups=20,60", "group_bounds_years", (20, 60)),
        ("--min-baskets=40", "min_baskets", 40),
        ("--min-cell-baskets=6", "min_cell_baskets", 6),
        ("--legal-age=16", "legal_age_years", 16),
        ("--challenge-age=30", "challenge_age_years", 30),
        ("--period-days=7", "period_days", 7),
        ("--min-eligible-sales=50", "min_eligible_sales", 50),
        ("--min-expected=2.5", "min_expected", 2.5),
        ("--bootstrap-draws=99", "bootstrap_draws", 99),
        ("--seed=3", "seed", 3),
    ],
)
def test_each_flag_changes_its_setting(flag, setting, value):
    assert _parse(flag) == dataclasses.replace(_parse(), **{setting: value})


def test_every_setting_has_a_flag():
    fields = {field.name for field in dataclasses.fields(settings.ReportConfig)}
    assert all(report_options._name_of(name).startswith("--") for name in fields)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("--nope", "unknown flag --nope; see tillage report --help"),
        ("--leve=product", "unknown flag --leve=product"),
        ("foo", "unexpected argument foo"),
        ("--from=1.9.2026", "a date looks like 2026-11-21, not '1.9.2026'"),
        ("--to=2026-08-31", "--to must not be before the first day, 2026-09-01"),
        ("--groups=18,25", "--groups must be 1 to 7 rising multiples of 5"),
        ("--groups=old", "age groups look like 25,45,65"),
        ("--level=shelf", "invalid choice: 'shelf'"),
        ("--challenge-age=10", "--challenge-age must be between 18 and 100"),
        ("--min-baskets=5", "--min-baskets must be between 10 and 1000000"),
        ("--warehouse=s3://b/w", "--warehouse s3://b/w: s3:// is not supported; give"),
        ("--output=s3://b/o", "--output s3://b/o: s3:// is not supported; give"),
        ("--bundle=s3://b/m", "--bundle s3://b/m: s3:// is not supported; give"),
        ("--warehouse=", "--warehouse must not be empty; received ''"),
    ],
)
def test_a_bad_flag_is_refused_in_one_line(given, message):
    with pytest.raises(flags.UsageError) as refusal:
        _parse(given)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("missing", _REQUIRED)
def test_a_missing_flag_is_named(missing):
    with pytest.raises(flags.UsageError, match=missing.split("=")[0]):
        report_options.parse([flag for flag in _REQUIRED if flag != missing])


def test_help_names_units_defaults_and_an_example(capsys):
    with pytest.raises(SystemExit) as ended:
        report_options.parse(["--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    for words in (
        "default: 25,45,65",
        "default: the one that ships",
        "in years",
        "days of one audit period (default: 28)",
        "tillage report --warehouse /data/warehouse --from",
    ):
        assert words in shown
