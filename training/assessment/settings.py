"""Settings of an evaluation: frozen, validated, of real types."""

import dataclasses
import pathlib

from pipelines.domain import splits
from pipelines.inference import engines
from training import config

ALL = "all"
SPLITS = (ALL, *splits.SPLITS)


@dataclasses.dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """Everything that one run of `tillage evaluate` is asked to do.

    Attributes:
      bundle: Folder of the bundle.
      sources: Photos and labels.
      output: Folder of the report; made if need be.
      split: `all`, or the split of the labels' column `split` to keep to.
      engine: One of `pipelines.inference.engines.ENGINES`.
      face_crop: `auto` finds faces with the bundle's settings; `none` takes whole
        photos as crops.
      shopper_ages: CSV with `age` and `photos`, the mix of ages at the tills; None:
        the built-in one.
      num_worst: Photos shown of those with the largest errors.
      num_threads: CPU threads; 0: all.
    """

    bundle: str
    sources: tuple[config.PhotoSource, ...]
    output: pathlib.Path
    split: str = ALL
    engine: str = engines.ENGINES[0]
    face_crop: str = config.FACE_CROPS[0]
    shopper_ages: pathlib.Path | None = None
    num_worst: int = 24
    num_threads: int = 0

    def __post_init__(self) -> None:
        """Checks the values.

        Raises:
          ValueError: one cannot be used.
        """
        if not self.sources:
            raise ValueError("sources must not be empty")
        for name, choices in (
            ("split", SPLITS),
            ("engine", engines.ENGINES),
            ("face_crop", config.FACE_CROPS),
        ):
            if getattr(self, name) not in choices:
                raise ValueError(
                    f"{name} must be one of {', '.join(choices)}. "
                    f"Received: {getattr(self, name)}"
                )
        for name in ("num_worst", "num_threads"):
            if getattr(self, name) < 0:
                raise ValueError(
                    f"{name} must be at least 0. Received: {getattr(self, name)}"
                )
