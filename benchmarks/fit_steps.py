"""Times a step of a fit whose normalisations learn, stay, or are worked in.

The three take turns, on random pictures, so that a noisy machine is noisy to all.

python -m benchmarks.fit_steps --image-size 160 --batch-size 64
"""

import argparse
import json
import pathlib
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np

from schemas import fields
from training import model, networks, norms, precision, recipes

Step = Callable[[], object]

LEARN, STAY, WORKED_IN = "they learn", "they stay", "they are worked in"


def main(argv: Sequence[str]) -> int:
    """Prints photos per second, and ratios.

    Returns:
      Exit code 0.
    """
    flags = _parser().parse_args(argv)
    keras.config.set_dtype_policy(precision.policy("auto"))
    rates = measure(steps(flags.image_size, flags.batch_size), flags)
    print(
        f"{flags.image_size} px, {flags.batch_size} photos a step, "
        f"{keras.backend.backend()}, {precision.device()}"
    )
    print("\n".join(table(rates)))
    if flags.json:
        flags.json.write_text(json.dumps(rates, indent=1) + "\n")
    return 0


def steps(image_size: int, batch_size: int) -> dict[str, Step]:
    """Makes a step for each way to treat normalisations; frozen blocks are alike."""
    rng = np.random.default_rng(0)
    shape = (batch_size, image_size, image_size, 3)
    faces = rng.integers(0, 256, shape, np.uint8)
    wanted = rng.dirichlet(np.ones(fields.NUM_AGES), batch_size).astype(np.float32)

    def step(network: keras.Model) -> Step:
        return lambda: network.train_on_batch(faces, wanted)

    return {
        LEARN: step(_network(has_norms=True, trains_norms=True)),
        STAY: step(_network(has_norms=True, trains_norms=False)),
        WORKED_IN: step(_network(has_norms=False, trains_norms=False)),
    }


def measure(made: Mapping[str, Step], flags: argparse.Namespace) -> dict[str, float]:
    """Gives photos per second of each: the median over its rounds."""
    for step in made.values():
        step()
    seconds: dict[str, list[float]] = {name: [] for name in made}
    for _ in range(flags.rounds):
        for name, step in made.items():
            started = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - started)
    return {
        name: flags.batch_size / statistics.median(taken)
        for name, taken in seconds.items()
    }


def table(rates: Mapping[str, float]) -> list[str]:
    """Sums up rates.

    Returns:
      Lines such as `they are worked in    54.9 photos/s   1.74`.
    """
    base = rates[STAY]
    return [f"{'normalisations':<20} {'':>15} against those that stay"] + [
        f"{name:<20} {rate:7.1f} photos/s {rate / base:6.2f}"
        for name, rate in rates.items()
    ]


def _network(*, has_norms: bool, trains_norms: bool) -> keras.Model:
    recipe = recipes.FitConfig(trains_norms=trains_norms)
    network = model.build_network(model.build_trunk(None), recipe)
    if not has_norms:
        network = norms.folded(network)
    networks.freeze(network, recipe)
    networks.compile_network(network, recipe, num_photos=10_000)
    return network


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fit_steps",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for name, default, what in (
        ("--image-size", 160, "side of the crops, pixels"),
        ("--batch-size", 64, "photos a step"),
        ("--rounds", 9, "steps of each kind"),
    ):
        parser.add_argument(
            name, type=int, default=default, help=f"{what} (default: %(default)s)"
        )
    parser.add_argument("--json", type=pathlib.Path, help="file for the figures")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
