"""Settings of the nightly job: frozen, validated, of real types."""

import dataclasses
import datetime
import hashlib
import json
import zoneinfo

from pipelines.inference import engines

ENGINES = engines.ENGINES
FACE_CROPS = ("auto", "none")
CASHIER_IDS = ("hmac", "omit")


def _require(is_met: bool, rule: str, received: object) -> None:
    if not is_met:
        raise ValueError(f"{rule}; received {received}")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Limits:
    """When a finished run may not be published.

    Attributes:
      max_rejected_fraction: Largest share of photos, and of purchase lines, that
        may be rejected, 0 to 1.
      allow_shrink: Whether the day may replace a fuller one.
    """

    max_rejected_fraction: float = 0.01
    allow_shrink: bool = False

    def __post_init__(self) -> None:
        """Checks the ranges."""
        _require(
            0.0 <= self.max_rejected_fraction <= 1.0,
            "max_rejected_fraction must be in [0, 1]",
            self.max_rejected_fraction,
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scoring:
    """How photos become ages.

    Attributes:
      engine: What runs the model, one of `ENGINES`.
      face_crop: `auto` finds the face; `none` takes the whole photo.
      batch_size: Photos per call of the engine.
      min_face_px: Smallest face side that counts, in pixels of the photo.
      min_size_ratio: How many times larger than the next face the face must be.
      min_sharpness: Smallest sharpness that counts; None: the product's default.
    """

    engine: str = "openvino"
    face_crop: str = "auto"
    batch_size: int = 16
    min_face_px: int | None = None
    min_size_ratio: float | None = None
    min_sharpness: float | None = None

    def __post_init__(self) -> None:
        """Checks the ranges."""
        _require(self.engine in ENGINES, f"engine must be in {ENGINES}", self.engine)
        _require(
            self.face_crop in FACE_CROPS,
            f"face_crop must be in {FACE_CROPS}",
            self.face_crop,
        )
        _require(1 <= self.batch_size <= 256, "1 <= batch_size <= 256", self.batch_size)

    def face_overrides(self) -> dict[str, float]:
        """Gives the face thresholds that differ from the bundle's."""
        chosen = {
            "min_face_px": self.min_face_px,
            "min_size_ratio": self.min_size_ratio,
            "min_sharpness": self.min_sharpness,
        }
        return {name: value for name, value in chosen.items() if value is not None}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Joining:
    """How photos meet purchases, and what the tables show.

    Attributes:
      day_starts_at: Local time at which a trading day begins.
      timezone: IANA zone of stores that `stores.csv` does not name, or None.
      restricted_categories: Categories whose lines are age-restricted.
      match_slack_seconds: Farthest a photo may lie from its transaction.
      max_clock_offset_seconds: Largest clock offset of a register that is
        corrected; beyond it, photos of that register are not joined by time.
      legal_age_years: Age the law asks of buyers of restricted products.
      challenge_age_years: Buyers who look younger must show ID.
      eligible_probability: P(age < challenge age) from which a sale is eligible.
      age_groups: Lower bounds in years of the report groups but the first.
      num_partitions: Parts that the join is split into.
    """

    day_starts_at: datetime.time = datetime.time(4)
    timezone: str | None = None
    restricted_categories: tuple[str, ...] = ()
    match_slack_seconds: float = 10.0
    max_clock_offset_seconds: float = 600.0
    legal_age_years: int = 18
    challenge_age_years: int = 25
    eligible_probability: float = 0.5
    age_groups: tuple[int, ...] = (25, 45, 65)
    num_partitions: int = 64

    def __post_init__(self) -> None:
        """Checks the ranges."""
        if self.timezone is not None:
            _require(
                self.timezone in zoneinfo.available_timezones(),
                "timezone must be an IANA name such as Europe/Berlin",
                self.timezone,
            )
        _require(
            self.match_slack_seconds >= 0,
            "match_slack_seconds must be at least 0",
            self.match_slack_seconds,
        )
        _require(
            0 < self.legal_age_years <= self.challenge_age_years <= 100,
            "0 < legal_age_years <= challenge_age_years <= 100",
            (self.legal_age_years, self.challenge_age_years),
        )
        _require(
            0.0 < self.eligible_probability < 1.0,
            "eligible_probability must be in (0, 1)",
            self.eligible_probability,
        )
        _require(
            self.age_groups == tuple(sorted(set(self.age_groups)))
            and all(0 < bound <= 100 for bound in self.age_groups),
            "age_groups must be rising bounds between 1 and 100 years",
            self.age_groups,
        )
        _require(self.num_partitions >= 1, "num_partitions >= 1", self.num_partitions)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Secrecy:
    """Where the secret behind the pseudonyms comes from.

    Attributes:
      key_file: File that holds the secret, or None for the environment variable.
      cashier_ids: `hmac` writes pseudonyms; `omit` writes none and needs no key.
    """

    key_file: str | None = None
    cashier_ids: str = "hmac"

    def __post_init__(self) -> None:
        """Checks the choice."""
        _require(
            self.cashier_ids in CASHIER_IDS,
            f"cashier_ids must be in {CASHIER_IDS}",
            self.cashier_ids,
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScoreConfig:
    """Everything that one run of `tillage score` is asked to do.

    Attributes:
      input_root: Folder with `photos/`, `purchases/` and the optional inputs.
      output_root: Warehouse folder.
      day: Trading day.
      bundle: Folder of the age model; None: the one that ships with the package.
      num_workers: Worker processes; 0: one a core.
      is_fresh: Whether to ignore the scores kept from earlier runs.
      num_table_shards: Files per table and day.
      hang_seconds: Silence after which a worker counts as hung.
      runner: Beam runner; None: in this machine's processes, supervised.
    """

    input_root: str
    output_root: str
    day: datetime.date
    bundle: str | None = None
    num_workers: int = 0
    is_fresh: bool = False
    num_table_shards: int = 1
    hang_seconds: float = 120.0
    runner: str | None = None
    scoring: Scoring = Scoring()
    joining: Joining = Joining()
    limits: Limits = Limits()
    secrecy: Secrecy = Secrecy()

    def __post_init__(self) -> None:
        """Checks the ranges."""
        _require(self.num_workers >= 0, "num_workers >= 0", self.num_workers)
        _require(
            1 <= self.num_table_shards <= 1000,
            "1 <= num_table_shards <= 1000",
            self.num_table_shards,
        )
        _require(self.hang_seconds > 0, "hang_seconds > 0", self.hang_seconds)

    @property
    def date(self) -> str:
        """The trading day as in folder names, such as `2026-11-21`."""
        return self.day.isoformat()

    def to_json(self) -> str:
        """Writes every setting, sorted, for the `runs` table; holds no secret."""
        return json.dumps(dataclasses.asdict(self), default=str, sort_keys=True)

    def scores_fingerprint(self, bundle_sha256: str) -> str:
        """Names what decides a photo's score, so that kept scores stay apart.

        Args:
          bundle_sha256: Digest of the age model in use.

        Returns:
          16 hex digits.
        """
        decisive = dataclasses.asdict(self.scoring) | {"bundle": bundle_sha256}
        # Results do not depend on the make-up of a batch.
        decisive.pop("batch_size")
        encoded = json.dumps(decisive, sort_keys=True).encode()
        return hashlib.sha256(encoded).hexdigest()[:16]
