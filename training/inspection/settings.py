"""Settings of an inspection: frozen, validated, of real types."""

import dataclasses
import pathlib

from pipelines.domain import faces
from training import config


@dataclasses.dataclass(frozen=True, kw_only=True)
class InspectConfig:
    """Everything that one run of `tillage inspect` is asked to do.

    Attributes:
      sources: Photos and labels.
      output: Folder of the report; made if need be.
      face_crop: As in training: `auto` finds the face; `none` takes whole photos.
      framed_copies: As in training: whether each photo smaller than a camera's is
        also looked at in a larger frame.
      face_settings: Of the face finder.
      pictures_per_group: Photos shown of each age group and of each reason.
      num_threads: CPU threads; 0: all.
    """

    sources: tuple[config.PhotoSource, ...]
    output: pathlib.Path
    face_crop: str = "auto"
    framed_copies: bool = False
    face_settings: faces.FaceSettings = dataclasses.field(
        default_factory=faces.FaceSettings
    )
    pictures_per_group: int = 6
    num_threads: int = 0

    def __post_init__(self) -> None:
        """Checks the values.

        Raises:
          ValueError: one cannot be used.
        """
        if not self.sources:
            raise ValueError("sources must not be empty")
        if self.face_crop not in config.FACE_CROPS:
            raise ValueError(
                f"face_crop must be one of {config.FACE_CROPS}. "
                f"Received: {self.face_crop}"
            )
        if self.framed_copies and self.face_crop == "none":
            raise ValueError("framed_copies needs face_crop auto")
        for name in ("pictures_per_group", "num_threads"):
            if getattr(self, name) < 0:
                raise ValueError(
                    f"{name} must be at least 0. Received: {getattr(self, name)}"
                )
