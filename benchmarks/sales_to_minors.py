"""How well expected sales to minors hold against the truth, week after week.

Each week draws the faces of other buyers and a calibration on other people, so that
intervals and bounds have to allow for the errors of both.

python -m benchmarks.known_faces --images aaf.tar utk.tar --labels labels.csv \
    --output known.npz
python -m benchmarks.sales_to_minors --faces known.npz --json sales_to_minors.json
"""

import argparse
import json
import pathlib
import sys
from collections.abc import Sequence

import numpy as np
import tqdm

from benchmarks import crowds, known_faces
from pipelines.domain import minors
from pipelines.inference import bundle as bundles
from pipelines.reporting import calibrations
from schemas import bundle as schema

LEGAL_AGE_YEARS = 18
SHARES = (0.003, 0.0, 0.01, 0.03)
"""Of minors among the buyers."""

Figures = dict[str, float]


def main(argv: Sequence[str]) -> int:
    """Simulates all weeks and prints the table."""
    flags = _parser().parse_args(argv)
    crowd = crowds.of_known(known_faces.load(flags.faces))
    card = bundles.load(flags.bundle).card
    found = [
        figures(share, flags.sales, simulate(crowd, card, share, flags))
        for share in flags.shares
    ]
    print("\n".join(table(found)))
    if flags.json:
        # JSON knows no NaN.
        rows = [
            {name: None if np.isnan(value) else value for name, value in one.items()}
            for one in found
        ]
        flags.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


def simulate(
    crowd: crowds.Crowd,
    card: schema.BundleCard,
    share: float,
    flags: argparse.Namespace,
) -> list[tuple[int, minors.ExpectedMinors]]:
    """Gives the true number and the estimate of each week.

    The number of minors is Poisson. Minors are as old as the archive's from 13 years
    on, each alike; adults follow the mix of shoppers.
    """
    is_minor = crowd.known.ages_years < LEGAL_AGE_YEARS
    of_minors = np.flatnonzero(is_minor)
    weights = np.where(is_minor, 0, crowd.weights)
    weeks = []
    for rng in tqdm.tqdm(
        np.random.default_rng(flags.seed).spawn(flags.weeks),
        f"{share:.1%} minors",
        disable=None,
    ):
        num_minors = min(int(rng.poisson(share * flags.sales)), flags.sales)
        buyers = np.concatenate(
            [
                rng.choice(of_minors, num_minors),
                rng.choice(
                    len(weights), flags.sales - num_minors, p=weights / weights.sum()
                ),
            ]
        )
        calibration = calibrations.around_legal_ages(
            crowd.calibrated(card, rng) if flags.calibration == "anew" else card
        )
        estimate = minors.estimate(crowd.mean_years[buyers], calibration, rng)
        weeks.append((num_minors, estimate))
    return weeks


def figures(
    share: float, sales: int, weeks: Sequence[tuple[int, minors.ExpectedMinors]]
) -> Figures:
    """Sums up the weeks of one share of minors.

    Returns:
      How often the truth is within the interval or under the bound, each and
      together; how often the share is identified; means over the weeks in question;
      NaN where there is none.
    """
    true = np.array([week[0] for week in weeks], np.float64)
    said = [week[1] for week in weeks]
    is_identified = np.array([one.is_identified for one in said])
    sure = np.array([one.sales for one in said])
    low = np.nan_to_num([one.low_sales for one in said])
    high = np.array([one.high_sales for one in said])
    is_held = (low <= true) & (true <= high)
    return {
        "share": share,
        "weeks": len(weeks),
        "sales_a_week": sales,
        "mean_minors": float(true.mean()),
        "held": _mean(is_held),
        "identified": _mean(is_identified),
        "held_by_interval": _mean(is_held[is_identified]),
        "held_by_bound": _mean(is_held[~is_identified]),
        "mean_bound": _mean(high[~is_identified]),
        "mean_estimate": _mean(sure[is_identified]),
        "mean_width": _mean((high - low)[is_identified]),
    }


def _mean(values: crowds.Floats | crowds.Mask) -> float:
    return float(values.mean()) if len(values) else float("nan")


def table(found: Sequence[Figures]) -> list[str]:
    """Lists the figures, one a line, a column for each share of minors."""
    return [
        f"{name:<18}" + "".join(f"{one[name]:>12,.4g}" for one in found)
        for name in found[0]
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--faces", type=pathlib.Path, required=True)
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES)
    parser.add_argument("--weeks", type=int, default=200)
    parser.add_argument("--sales", type=int, default=20_000, help="a week")
    parser.add_argument(
        "--calibration",
        choices=("anew", "bundle"),
        default="anew",
        help="on other people each week, or the bundle's own",
    )
    parser.add_argument("--bundle", default=bundles.default_folder())
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=pathlib.Path)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
