"""How often the cashier audit asks for a review where none is due, and where one is.

Chains are simulated sale by sale, with the errors that a bundle makes on real faces.
In some nobody skips checks; in others a few cashiers do. Every repetition draws a new
chain and audits its last three periods.

python -m benchmarks.known_faces --images aaf.tar utk.tar --labels labels.csv \
    --output known.npz
python -m benchmarks.cashier_audit --faces known.npz --json cashier_audit.json
"""

import argparse
import concurrent.futures
import contextlib
import dataclasses
import datetime
import functools
import json
import multiprocessing
import pathlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import tqdm

from benchmarks import audit_outcomes, known_faces, simulated_chains, simulated_sales
from pipelines.domain import cashier_audit, review_rules

ELIGIBLE_SALES = (100, 200, 400, 1000, 2000)
RATIOS = (1.5, 2.0, 3.0)
NUM_PLANTED = 3

Mapping = Callable[
    [Callable[[int], audit_outcomes.Outcome], Iterable[int]],
    Iterable[audit_outcomes.Outcome],
]

_LAST_DAY = datetime.date(2026, 11, 21)
HABITS = {
    # Tills that call for a check at every sale.
    "strict": simulated_chains.Habits(
        under_challenge=0.95, under_30=0.95, under_35=0.93, older=0.75
    ),
    # Cashiers who ask all who might be near the age.
    "wide": simulated_chains.Habits(
        under_challenge=0.95, under_30=0.93, under_35=0.85, older=0.05
    ),
    # The cashiers of `tillage sample-day`.
    "narrow": simulated_chains.Habits(),
}


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A kind of chain, and how often to draw one.

    Attributes:
      name: For the table.
      chain: To draw.
      repetitions: Number of chains.
    """

    name: str
    chain: simulated_chains.Chain
    repetitions: int


def main(argv: Sequence[str]) -> int:
    """Simulates all scenarios and prints the table."""
    flags = _parser().parse_args(argv)
    photos = simulated_sales.judge(known_faces.load(flags.faces))
    listed = [
        one
        for one in scenarios(flags.repetitions, flags.planted_repetitions)
        if flags.only in one.name
    ]
    rows = []
    with _mapping(flags.processes) as mapping:
        for scenario in listed:
            outcome = simulate(scenario, photos, flags.seed, mapping)
            rows.append({"scenario": scenario.name, **audit_outcomes.figures(outcome)})
            print(audit_outcomes.line(scenario.name, outcome), flush=True)
            if flags.json:
                flags.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


@contextlib.contextmanager
def _mapping(processes: int) -> Iterator[Mapping]:
    if processes == 1:
        yield map
        return
    # Forked, they would lack Arrow's threads.
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(processes, context) as pool:
        yield functools.partial(pool.map, chunksize=5)


def scenarios(repetitions: int, planted_repetitions: int) -> list[Scenario]:
    """Lists the kinds of chains.

    Args:
      repetitions: Of each kind without a planted cashier; 0: none of these kinds.
      planted_repetitions: Of each kind with; 0: none.
    """
    listed = [
        *(Scenario(name, chain, repetitions) for name, chain in _honest().items()),
        *(Scenario(name, chain, planted_repetitions) for name, chain in _planted()),
    ]
    return [one for one in listed if one.repetitions]


def _honest() -> dict[str, simulated_chains.Chain]:
    chains = {
        f"{name}, honest": simulated_chains.Chain(habits=habits)
        for name, habits in HABITS.items()
    }
    change = functools.partial(dataclasses.replace, chains["wide, honest"])
    return {
        **chains,
        "wide, honest, cashiers differ by 0.1": change(cashier_spread=0.1),
        "wide, honest, cashiers differ by 0.2": change(cashier_spread=0.2),
        "wide, honest, buyers differ by 0.05": change(cashier_mix_spread=0.05),
        "wide, honest, buyers differ by 0.15": change(cashier_mix_spread=0.15),
    }


def _planted() -> Iterator[tuple[str, simulated_chains.Chain]]:
    change = functools.partial(
        dataclasses.replace,
        simulated_chains.Chain(habits=HABITS["wide"], num_planted=NUM_PLANTED),
    )
    for ratio in RATIOS:
        yield f"wide, {ratio} x, 400 sales", change(planted_ratio=ratio)
    yield (
        "wide, 2.0 x, 400 sales, cashiers differ by 0.2",
        change(planted_ratio=2.0, cashier_spread=0.2),
    )
    yield (
        "narrow, 1.5 x, 400 sales",
        change(planted_ratio=1.5, habits=HABITS["narrow"]),
    )
    for sales in ELIGIBLE_SALES:
        for ratio in RATIOS:
            yield (
                f"strict, {ratio} x, {sales} sales",
                change(
                    habits=HABITS["strict"], eligible_sales=sales, planted_ratio=ratio
                ),
            )


def simulate(
    scenario: Scenario, photos: simulated_sales.Photos, seed: int, mapping: Mapping
) -> audit_outcomes.Outcome:
    """Draws and audits the chains of a scenario.

    Args:
      scenario: To simulate.
      photos: Real errors.
      seed: Of everything random.
      mapping: As the built-in `map`; it may use processes.
    """
    once = functools.partial(repetition, scenario.chain, photos, seed)
    outcomes = tqdm.tqdm(
        mapping(once, range(scenario.repetitions)),
        desc=scenario.name,
        total=scenario.repetitions,
        unit="chain",
    )
    return functools.reduce(
        audit_outcomes.Outcome.plus, outcomes, audit_outcomes.Outcome()
    )


def repetition(
    chain: simulated_chains.Chain,
    photos: simulated_sales.Photos,
    seed: int,
    number: int,
) -> audit_outcomes.Outcome:
    """Draws one chain and audits it."""
    rng = np.random.default_rng([seed, number])
    rules = review_rules.ReviewRules()
    drawn = simulated_chains.world(chain, photos.eligible_share(), rng)
    parts = cashier_audit.periods(_LAST_DAY, rules)
    counts = [
        simulated_sales.count(simulated_sales.sell(drawn, photos, rng), drawn, photos)
        for _ in parts
    ]
    audited = cashier_audit.of_counts(counts, parts, rules)
    places = np.flatnonzero(drawn.is_planted).tolist()
    planted = [simulated_sales.cashier_name(place) for place in places]
    return audit_outcomes.of_audit(audited, planted)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.cashier_audit",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--faces",
        required=True,
        type=pathlib.Path,
        help="archive that benchmarks.known_faces wrote",
    )
    for name, default, what in (
        ("--repetitions", 1000, "chains of each kind without a planted cashier"),
        ("--planted-repetitions", 200, "chains of each kind with planted cashiers"),
        ("--seed", 0, "of everything random"),
        ("--processes", 1, "that work at once"),
    ):
        parser.add_argument(
            name, type=int, default=default, help=f"{what} (default: %(default)s)"
        )
    parser.add_argument(
        "--only", default="", help="kinds whose name holds this (default: all)"
    )
    parser.add_argument("--json", type=pathlib.Path, help="write the figures there")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
