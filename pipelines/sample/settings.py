"""What `tillage sample-day` is asked to render."""

import dataclasses
import datetime

FACE_SPLITS = ("test", "all")
RENDERED_TRANSACTIONS = 300
REAL_TRANSACTIONS = 2_500
"""Default receipts per store and day: rendered ones, and with `--purchase-lines`."""

_MAX_STORES = 9_999
_MAX_TRANSACTIONS = 100_000


@dataclasses.dataclass(frozen=True, kw_only=True)
class SampleSettings:
    """What to render, and from what.

    Attributes:
      output: Folder to write into.
      first_day: First trading day.
      num_days: Days in a row.
      num_stores: Stores of the chain.
      transactions_per_store: Receipts of each store and day.
      student_share: Of the shoppers of made-up baskets, 0 to 1: students of 18 to 24,
        beside the usual ages.
      seed: The same seed and settings give the same bytes.
      faces: Folders and tars with photos of real faces; none: faces are rendered.
      labels: CSV with the ages of `faces`.
      face_split: `test`: only faces that no model is trained on; or `all`.
      purchase_lines: Parquet file of real lines; None: baskets are made up.
      num_workers: Processes that render; 0: one a core.
    """

    output: str
    first_day: datetime.date = datetime.date(2026, 11, 21)
    num_days: int = 1
    num_stores: int = 2
    transactions_per_store: int = RENDERED_TRANSACTIONS
    student_share: float = 0.0
    seed: int = 7
    faces: tuple[str, ...] = ()
    labels: str | None = None
    face_split: str = "test"
    purchase_lines: str | None = None
    num_workers: int = 0

    def __post_init__(self) -> None:
        """Checks the values.

        Raises:
          ValueError: they cannot be used.
        """
        limits = {
            "days": (self.num_days, 1, 366),
            "stores": (self.num_stores, 1, _MAX_STORES),
            "transactions-per-store": (
                self.transactions_per_store,
                1,
                _MAX_TRANSACTIONS,
            ),
            "seed": (self.seed, 0, 2**32 - 1),
            "workers": (self.num_workers, 0, 1_024),
        }
        for flag, (value, low, high) in limits.items():
            if not low <= value <= high:
                raise ValueError(
                    f"--{flag} must be from {low} to {high}; received {value}"
                )
        if not 0.0 <= self.student_share <= 1.0:
            raise ValueError(
                f"--student-share must be from 0 to 1; received {self.student_share}"
            )
        if self.student_share and self.purchase_lines:
            raise ValueError(
                "--student-share is for made-up baskets; give it or --purchase-lines, "
                "not both"
            )
        if bool(self.faces) != bool(self.labels):
            raise ValueError("--faces and --labels go together; give both or neither")

    @property
    def days(self) -> list[datetime.date]:
        """The trading days, in order."""
        one_day = datetime.timedelta(days=1)
        return [self.first_day + one_day * number for number in range(self.num_days)]
