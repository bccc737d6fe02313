"""How well a report finds what age groups buy, with the real errors of the model.

First on real lines of households whose age band is known: each basket gets the face of
somebody in that band. Then on generated baskets with planted preferences. Each
repetition draws other faces; where the calibration is not the bundle's own, it also
calibrates on other people, so that intervals have to allow for that error.

python -m benchmarks.known_faces --images aaf.tar utk.tar --labels labels.csv \
    --output known.npz
python -m benchmarks.demand_groups --faces known.npz \
    --purchase-lines complete_journey_lines.parquet --json demand_groups.json
"""

import argparse
import json
import pathlib
import sys
from collections.abc import Iterable, Sequence

import numpy as np
import tqdm

from benchmarks import (
    crowds,
    household_lines,
    index_errors,
    known_faces,
    planted_demand,
)
from pipelines.domain import affinity, age_groups, item_baskets
from pipelines.inference import bundle as bundles
from pipelines.reporting import calibrations
from schemas import bundle as schema

CALIBRATIONS = ("drawn anew", "the bundle's own")
MAX_Q = 0.05
_TILT = 0.15
_LARGE = 1.5
"""Indices above 150, or below 100 / 1.5, are large."""
_SETTINGS = affinity.AffinitySettings()

Figures = dict[str, object]


def main(argv: Sequence[str]) -> int:
    """Runs all repetitions and prints the figures."""
    flags = _parser().parse_args(argv)
    crowd = crowds.of_known(known_faces.load(flags.faces))
    groups = age_groups.AgeGroups(tuple(flags.groups))
    card = bundles.load(flags.bundle).card
    found: dict[str, Figures] = {}
    if flags.purchase_lines:
        lines = household_lines.read(flags.purchase_lines)
        rng = np.random.default_rng(flags.seed)
        true = household_lines.truth(
            lines, groups, flags.level, _SETTINGS.min_baskets, flags.deals, rng
        )
        for calibration in CALIBRATIONS:
            found[f"real lines, calibration {calibration}"] = real_lines(
                lines, true, crowd, card, calibration, groups, flags
            )
    for calibration in CALIBRATIONS:
        found[f"planted, calibration {calibration}"] = planted_effects(
            crowd, card, calibration, groups, flags
        )
    print("\n".join(table(found)))
    if flags.json:
        flags.json.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def real_lines(
    lines: household_lines.HouseholdLines,
    true: household_lines.Truth,
    crowd: crowds.Crowd,
    card: schema.BundleCard,
    calibration: str,
    groups: age_groups.AgeGroups,
    flags: argparse.Namespace,
) -> Figures:
    """Compares reports on real lines with what the true bands say."""
    reports = []
    for rng in _repetitions(flags.repetitions, flags.seed, "real lines"):
        person = _people(lines, crowd, rng)
        counted = lines.counted(crowd.mean_years[person], groups, flags.level)
        reports.append(_report(counted, crowd, card, calibration, groups, rng))
    truths = [true.index] * len(reports)
    reliable = np.stack([one.is_reliable for one in reports])
    return {
        **_errors(reports, truths, groups),
        "effects of households dealt anew": _found(reliable, true.dealt_q),
        "effects of households, Wald": _found(reliable, true.wald_q),
        "effects of baskets": _found(reliable, true.basket_q),
        "reliable": _mean(reliable),
        "reliable_on_the_wrong_side": _mean(_wrong_side(reports, truths)),
    }


def planted_effects(
    crowd: crowds.Crowd,
    card: schema.BundleCard,
    calibration: str,
    groups: age_groups.AgeGroups,
    flags: argparse.Namespace,
) -> Figures:
    """Compares reports on generated baskets with what was planted.

    The shoppers of each repetition are older or younger than the calibration takes
    them to be: each ten years of age weigh 15 % more or less.
    """
    reports, truths, effects = [], [], []
    for rng in _repetitions(flags.planted_repetitions, flags.seed, "planted"):
        shares = planted_demand.cells(crowd, groups, rng.uniform(-_TILT, _TILT))
        planted = planted_demand.plant(shares.sum(axis=1), flags.effects, rng)
        counted = planted_demand.shop(planted, shares, flags.baskets, groups, rng)
        reports.append(_report(counted, crowd, card, calibration, groups, rng))
        truths.append(planted.true_index)
        effects.append(planted.is_effect)
    reliable = np.stack([one.is_reliable for one in reports])
    is_null = np.stack(truths) == planted_demand.NO_EFFECT
    return {
        **_errors(reports, truths, groups),
        "planted cells": index_errors.figures(reports, truths, effects),
        "effects": _sizes(reliable, truths, np.stack(effects)),
        "reliable": _mean(reliable),
        "reliable_without_an_effect": _mean(reliable & is_null),
        "reliable_on_the_wrong_side": _mean(_wrong_side(reports, truths)),
    }


def _repetitions(number: int, seed: int, name: str) -> Iterable[np.random.Generator]:
    children = np.random.default_rng(seed).spawn(number)
    return tqdm.tqdm(children, name, disable=None)


def _people(
    lines: household_lines.HouseholdLines,
    crowd: crowds.Crowd,
    rng: np.random.Generator,
) -> crowds.Index:
    """Draws a face for each basket: anybody of the household's band, each alike."""
    person = np.empty(len(lines.household), np.int64)
    low_years = lines.low_years[lines.household]
    for low, high in household_lines.BANDS_YEARS.values():
        baskets = np.flatnonzero(low_years == low)
        person[baskets] = rng.choice(crowd.within(low, high), len(baskets))
    return person


def _report(
    counted: item_baskets.ItemBaskets,
    crowd: crowds.Crowd,
    card: schema.BundleCard,
    calibration: str,
    groups: age_groups.AgeGroups,
    rng: np.random.Generator,
) -> index_errors.Indices:
    if calibration == CALIBRATIONS[0]:
        card = crowd.calibrated(card, rng)
    known = calibrations.between_bands(card)
    found = affinity.of_baskets(counted, known, groups, _SETTINGS, rng)
    return index_errors.of_table(found.table, len(groups.bounds_years) + 1)


def _errors(
    reports: Sequence[index_errors.Indices],
    truths: Sequence[crowds.Floats],
    groups: age_groups.AgeGroups,
) -> Figures:
    least = _SETTINGS.min_baskets
    all_cells = [np.ones(one.is_reliable.shape, bool) for one in reports]
    large = [np.nan_to_num(one.baskets) >= least for one in reports]
    return {
        "all shown cells": index_errors.figures(reports, truths, all_cells),
        f"cells of {least} baskets": index_errors.figures(reports, truths, large),
        "coverage by group": index_errors.by_group(reports, truths, groups.labels[:-1]),
    }


def _wrong_side(
    reports: Sequence[index_errors.Indices], truths: Sequence[crowds.Floats]
) -> crowds.Mask:
    """Tells reliable cells whose true index is not on the side that is said."""
    return np.stack(
        [
            one.is_reliable & ~np.where(one.low > 100, true > 100, true < 100)
            for one, true in zip(reports, truths, strict=True)
        ]
    )


def _found(reliable: crowds.Mask, q: crowds.Floats) -> Figures:
    """Counts cells that truly differ, and how many of them a report finds."""
    is_effect = q <= MAX_Q
    found = _mean(reliable[:, is_effect])
    return {"there_are": int(is_effect.sum()), "found": found}


def _sizes(
    reliable: crowds.Mask, truths: Sequence[crowds.Floats], is_effect: crowds.Mask
) -> Figures:
    """Counts planted effects a report, and those found, by size."""
    is_large = np.abs(np.log(np.stack(truths) / 100)) > np.log(_LARGE)
    return {
        "there_are": _mean(is_effect),
        "found": _mean(is_effect & reliable),
        "large_there_are": _mean(is_effect & is_large),
        "large_found": _mean(is_effect & is_large & reliable),
    }


def _mean(cells: crowds.Mask) -> float:
    """Gives how many are true in a report, on average."""
    return float(cells.sum() / len(cells))


def table(found: dict[str, Figures]) -> list[str]:
    """Lists the figures, one a line, such as `  coverage   0.921`."""
    listed = []
    for name, figures in found.items():
        listed.append(name)
        listed += _lines(figures, "  ")
    return listed


def _lines(figures: Figures, indent: str) -> list[str]:
    listed = []
    for name, value in figures.items():
        if isinstance(value, dict):
            listed += [f"{indent}{name}", *_lines(value, indent + "  ")]
        else:
            said = "-" if value is None else f"{value:.3f}"
            listed.append(f"{indent}{name:<32}{said:>10}")
    return listed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--faces", type=pathlib.Path, required=True)
    parser.add_argument("--purchase-lines", type=pathlib.Path)
    parser.add_argument(
        "--groups", type=int, nargs="+", default=age_groups.REPORT_GROUPS.bounds_years
    )
    parser.add_argument("--level", choices=("category", "product"), default="category")
    parser.add_argument("--repetitions", type=int, default=100)
    parser.add_argument("--planted-repetitions", type=int, default=50)
    parser.add_argument("--effects", type=int, default=200)
    parser.add_argument("--baskets", type=int, default=100_000)
    parser.add_argument("--deals", type=int, default=20_000)
    parser.add_argument("--bundle", default=bundles.default_folder())
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=pathlib.Path)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
