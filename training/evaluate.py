"""Judges a bundle on labelled photos.

Run it as
`tillage evaluate --bundle B --images photos.tar --labels labels.csv --output DIR`.
"""

import csv
import pathlib
import sys
from collections.abc import Sequence

from pipelines.inference import bundle as bundles
from pipelines.inference import engines
from pipelines.pages import page
from training import errors, shoppers
from training.assessment import (
    figures,
    options,
    predictions,
    record,
    report,
    settings,
)

JSON, HTML, CSV = "evaluation.json", "evaluation.html", "predictions.csv"


def main(argv: Sequence[str]) -> int:
    """Runs one evaluation.

    Args:
      argv: Flags.

    Returns:
      Exit code: 0 evaluated, 2 bad usage or input.
    """
    try:
        given = options.parse(argv)
        found = evaluate(given)
    except (errors.InputError, bundles.BundleError, engines.EngineError) as error:
        print(f"tillage evaluate: {error}", file=sys.stderr)
        return 2
    print("\n".join(summary(found, given.output)))
    return 0


def evaluate(given: settings.EvaluateConfig) -> figures.Evaluation:
    """Predicts, computes the figures and writes the report.

    Raises:
      errors.InputError: photos or labels cannot be used.
      bundles.BundleError: the bundle cannot be used.
      engines.EngineError: its engine is not installed.
    """
    engines.check_installed(given.engine)
    bundle = bundles.load(given.bundle)
    mix = (
        shoppers.built_in_mix()
        if given.shopper_ages is None
        else shoppers.read_mix(given.shopper_ages)
    )
    predictor = engines.make(given.engine, bundle, given.num_threads)
    seen = predictions.predict(given, bundle, predictor)
    found = figures.evaluate(seen, bundle, mix)
    _write(given, found, seen)
    return found


def summary(found: figures.Evaluation, folder: pathlib.Path) -> list[str]:
    """Says what was found.

    Returns:
      Lines such as `mean error              4.87 years`.
    """
    mix, overall = found.study_mix, found.overall
    at_mix = "-" if mix is None else f"{mix.mae_years:.2f} years"
    return [
        f"bundle                  {found.bundle}",
        f"labelled photos         {found.photos:,}",
        f"with a usable face      {found.faces_found:,}",
        f"mean error              {overall.mae_years:.2f} years",
        f"  at the study's ages   {at_mix}",
        f"bias                    {overall.bias_years:+.2f} years",
        f"90 % intervals hold     {overall.coverage_90:.1%}",
        f"report                  {folder / HTML}",
    ]


def _write(
    given: settings.EvaluateConfig,
    found: figures.Evaluation,
    seen: predictions.Predictions,
) -> None:
    try:
        given.output.mkdir(parents=True, exist_ok=True)
        _write_predictions(seen, given.output / CSV)
        written = page.render(report.make(found, seen, given.engine))
        (given.output / HTML).write_text(written, encoding="utf-8")
        (given.output / JSON).write_text(record.to_json(found), encoding="utf-8")
    except OSError as error:
        raise errors.InputError(
            f"--output {given.output}: cannot be written: {error.strerror}"
        ) from error


def _write_predictions(seen: predictions.Predictions, path: pathlib.Path) -> None:
    """Writes a row a labelled photo; without a usable face, ages stay empty."""
    estimates = seen.estimates
    said = zip(
        estimates.mean_years.tolist(),
        estimates.low_years.tolist(),
        estimates.high_years.tolist(),
        strict=True,
    )
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(
            ("file_name", "real_age", "age_years", "low", "high", "face_status")
        )
        for name, real, status in zip(
            seen.names.tolist(),
            seen.ages_years.tolist(),
            seen.statuses.tolist(),
            strict=True,
        ):
            estimate = next(said) if status == "ok" else ("", "", "")
            rows.writerow((name, f"{real:g}", *estimate, status))
