"""What a million photos would cost on Dataflow, on paper, from speeds measured here.

python -m benchmarks.cloud_cost --photos-per-second 226 --cores 2 --model-ms 4.0

A vCPU there is taken to be as fast as a core here, and a GPU to take the model off the
vCPUs at no other cost than its price: what is left is reading, decoding and finding
faces. Prices are of batch workers in us-central1, in US dollars without discounts, as
Apache Beam's testing/load_tests/dataflow_cost_consts.py takes them from
cloud.google.com/dataflow/pricing (read in November 2026). Disks, shuffle, storage and
requests are left out.
"""

import argparse
import dataclasses
import sys
from collections.abc import Sequence

import pandas as pd

_VCPU_HOUR = 0.056
_GB_HOUR = 0.003557


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Worker:
    name: str
    vcpus: int
    memory_gb: float
    gpu_hour: float = 0.0

    @property
    def hour(self) -> float:
        """US dollars."""
        return self.vcpus * _VCPU_HOUR + self.memory_gb * _GB_HOUR + self.gpu_hour


_WORKERS = (
    _Worker(name="n2-standard-8", vcpus=8, memory_gb=32),
    _Worker(name="n1-standard-8 with T4", vcpus=8, memory_gb=30, gpu_hour=0.42),
    _Worker(name="g2-standard-8 with L4", vcpus=8, memory_gb=32, gpu_hour=0.672),
)


def main(argv: Sequence[str]) -> int:
    """Prints a table."""
    given = _parser().parse_args(argv)
    on_cpu_ms = 1000 * given.cores / given.photos_per_second
    rows = []
    for worker in _WORKERS:
        ms = on_cpu_ms - (given.model_ms if worker.gpu_hour else 0.0)
        an_hour = worker.vcpus * 3_600_000 / ms
        rows.append(
            {
                "worker": worker.name,
                "dollars_an_hour": round(worker.hour, 3),
                "photos_per_second": round(an_hour / 3600),
                "photos_per_vcpu_hour": round(an_hour / worker.vcpus),
                "dollars_a_million": round(1e6 / an_hour * worker.hour, 3),
            }
        )
    print(pd.DataFrame(rows).to_string(index=False))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--photos-per-second", type=float, required=True)
    parser.add_argument("--cores", type=int, default=2, help="default: 2")
    parser.add_argument(
        "--model-ms", type=float, required=True, help="a photo's, on one core"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
