"""Settings of the nightly job: frozen, validated, of real types."""

import dataclasses
import datetime
import hashlib
import json
import zoneinfo
from typing import Any

from pipelines.inference import engines

ENGINES = engines.ENGINES
FACE_CROPS = ("auto", "none")
CASHIER_IDS = ("hmac", "omit")


_DAY_SECONDS = 86_400


class SettingsError(ValueError):
    """A setting is out of range.

    Attributes:
      setting: Name of the field.
    """

    def __init__(self, setting: str, rule: str, received: object) -> None:
        """Takes the field, what must hold, and what it holds instead."""
        self.setting = setting
        self._breach = f"{rule}; received {received}"
        super().__init__(self.message_for(setting))

    def message_for(self, name: str) -> str:
        """Says what is wrong, under the name that the user knows the setting by."""
        return f"{name} {self._breach}"


# Raised when photos are decoded, searched or cropped in another way.
_PREPARATION = 3


def _require(is_met: bool, setting: str, rule: str, received: object) -> None:
    if not is_met:
        raise SettingsError(setting, rule, received)


def _require_between(owner: object, setting: str, least: float, most: float) -> None:
    # Neither NaN nor an infinity is between two numbers.
    received = getattr(owner, setting)
    if received is not None and not least <= received <= most:
        rule = f"must be between {least} and {most}"
        raise SettingsError(setting, rule, received)


def _require_choice(owner: object, setting: str, choices: tuple[str, ...]) -> None:
    received = getattr(owner, setting)
    if received not in choices:
        raise SettingsError(setting, f"must be one of {', '.join(choices)}", received)


def _require_name(owner: object, setting: str) -> None:
    received = getattr(owner, setting)
    _require(received != "", setting, "must not be empty", repr(received))


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
        """Checks the range."""
        _require_between(self, "max_rejected_fraction", 0, 1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scoring:
    """How photos become ages.

    Attributes:
      engine: What runs the model, one of `ENGINES`.
      face_crop: `auto` finds the face; `none` takes the whole photo.
      batch_size: Photos per call of the engine.
      min_face_px: Smallest face side that counts, in pixels of the photo; None,
        here as below: as in the bundle's training.
      min_size_ratio: How many times larger than the next face the face must be.
      min_sharpness: Smallest sharpness that counts.
    """

    engine: str = "openvino"
    face_crop: str = "auto"
    batch_size: int = 16
    min_face_px: int | None = None
    min_size_ratio: float | None = None
    min_sharpness: float | None = None

    def __post_init__(self) -> None:
        """Checks the ranges."""
        _require_choice(self, "engine", ENGINES)
        _require_choice(self, "face_crop", FACE_CROPS)
        _require_between(self, "batch_size", 1, 256)
        _require_between(self, "min_face_px", 1, 10_000)
        _require_between(self, "min_size_ratio", 1, 1000)
        _require_between(self, "min_sharpness", 0, 1000)

    def face_overrides(self) -> dict[str, Any]:
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
        self._check_times()
        _require_between(self, "legal_age_years", 1, 100)
        _require(
            self.legal_age_years <= self.challenge_age_years <= 100,
            "challenge_age_years",
            f"must be between the legal age, {self.legal_age_years}, and 100",
            self.challenge_age_years,
        )
        _require(
            0.0 < self.eligible_probability < 1.0,
            "eligible_probability",
            "must be above 0 and below 1",
            self.eligible_probability,
        )
        bounds = self.age_groups
        _require(
            bool(bounds)
            and bounds == tuple(sorted(set(bounds)))
            and 0 < bounds[0] <= bounds[-1] <= 100,
            "age_groups",
            "must be rising bounds between 1 and 100 years",
            ",".join(map(str, bounds)),
        )
        _require_between(self, "num_partitions", 1, 10_000)

    def _check_times(self) -> None:
        _require(
            self.day_starts_at.tzinfo is None,
            "day_starts_at",
            "must be a local time without an offset, such as 04:00",
            self.day_starts_at,
        )
        _require(
            self.timezone is None or self.timezone in zoneinfo.available_timezones(),
            "timezone",
            "must be an IANA name such as Europe/Berlin",
            repr(self.timezone),
        )
        _require_between(self, "match_slack_seconds", 0, _DAY_SECONDS)
        _require_between(self, "max_clock_offset_seconds", 0, _DAY_SECONDS)


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
        """Checks the choice and the name."""
        _require_choice(self, "cashier_ids", CASHIER_IDS)
        _require_name(self, "key_file")


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
      has_detailed_exit_codes: Whether the exit code tells a refused run, and a day that
        is locked, from a failed run.
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
    has_detailed_exit_codes: bool = False
    scoring: Scoring = Scoring()
    joining: Joining = Joining()
    limits: Limits = Limits()
    secrecy: Secrecy = Secrecy()

    def __post_init__(self) -> None:
        """Checks the names and the ranges."""
        for place in ("input_root", "output_root", "bundle", "runner"):
            _require_name(self, place)
        _require_between(self, "num_workers", 0, 1024)
        _require_between(self, "num_table_shards", 1, 1000)
        _require_between(self, "hang_seconds", 1, _DAY_SECONDS)

    @property
    def date(self) -> str:
        """The trading day as in folder names, such as `2026-11-21`."""
        return self.day.isoformat()

    @property
    def is_on_dataflow(self) -> bool:
        """Whether the runner is Dataflow's, by any of the names that Beam takes."""
        name = (self.runner or "").rpartition(".")[2].lower()
        return name in ("dataflow", "dataflowrunner")

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
        decisive = dataclasses.asdict(self.scoring) | {
            "bundle": bundle_sha256,
            "preparation": _PREPARATION,
        }
        # Results do not depend on the make-up of a batch.
        decisive.pop("batch_size")
        encoded = json.dumps(decisive, sort_keys=True).encode()
        return hashlib.sha256(encoded).hexdigest()[:16]
