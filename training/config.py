"""Settings of a training run: frozen, validated, of real types."""

import dataclasses
import pathlib

from pipelines.domain import faces

RECIPES = ("frozen-features",)
FACE_CROPS = ("auto", "none")


def _require(is_met: bool, rule: str, received: object) -> None:
    if not is_met:
        raise ValueError(f"{rule}. Received: {received}")


@dataclasses.dataclass(frozen=True, kw_only=True)
class PhotoSource:
    """A place of photos and the file that labels them."""

    images: pathlib.Path
    labels: pathlib.Path


@dataclasses.dataclass(frozen=True, kw_only=True)
class HeadConfig:
    """How the head is fitted.

    Attributes:
      hidden_units: Width of the hidden layer; 0: none.
      feature_noise: Spread of the noise on each feature, in its own spreads.
      dropout: Share of hidden units left out at each step.
      weight_decay: Of AdamW.
      learning_rate: At the start; falls to zero along a cosine.
      batch_size: Photos a step.
      epochs: Passes over the training photos.
      label_sigma_years: Spread of the distribution that a label is turned into.
      mean_loss_weight: Of the L1 loss of the mean age against the KL loss.
    """

    hidden_units: int = 512
    feature_noise: float = 0.5
    dropout: float = 0.5
    weight_decay: float = 1e-2
    learning_rate: float = 1e-3
    batch_size: int = 256
    epochs: int = 12
    label_sigma_years: float = 2.0
    mean_loss_weight: float = 0.1

    def __post_init__(self) -> None:
        """Checks the ranges."""
        _require(0 <= self.dropout < 1, "dropout must be in [0, 1)", self.dropout)
        _require(self.epochs >= 1, "epochs must be at least 1", self.epochs)
        _require(self.batch_size >= 1, "batch_size must be at least 1", self.batch_size)
        _require(
            self.learning_rate > 0, "learning_rate must be above 0", self.learning_rate
        )
        _require(
            self.label_sigma_years > 0,
            "label_sigma_years must be above 0",
            self.label_sigma_years,
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Everything that one run of `tillage train` is asked to do.

    Attributes:
      sources: Photos and labels.
      output: Folder that the bundle is written to; must not exist, or be empty.
      name: Of the bundle.
      initial_weights: `imagenet` (downloaded by Keras), `random`, or the path of a
        weights file for ResNet50 without its top, also packed with xz.
      image_size: Side of the model's input, in pixels.
      seed: Of everything random.
      recipe: One of `RECIPES`.
      face_crop: `auto` finds the face; `none` takes whole photos as crops.
      framed_copies: Whether each photo smaller than a camera's is also shown in a
        larger frame: for collections of cropped faces.
      face_settings: Of the face finder; part of the bundle.
      cache: Folder that keeps crops and features between runs; None: none.
      shopper_ages: CSV with `age` and `photos`, the mix of ages that calibration
        is weighted to; None: the built-in one.
      calibration_sources: Sources that calibration and the headline figures rest
        on; empty: all.
      license_file: Licence of the bundle; None: research and evaluation only.
      num_threads: CPU threads; 0: all.
      quantization_photos: Photos behind the int8 ranges.
      head: How the head is fitted.
    """

    sources: tuple[PhotoSource, ...]
    output: pathlib.Path
    name: str = "ages"
    initial_weights: str = "imagenet"
    image_size: int = 224
    seed: int = 0
    recipe: str = RECIPES[0]
    face_crop: str = "auto"
    framed_copies: bool = False
    face_settings: faces.FaceSettings = dataclasses.field(
        default_factory=faces.FaceSettings
    )
    cache: pathlib.Path | None = None
    shopper_ages: pathlib.Path | None = None
    calibration_sources: tuple[str, ...] = ()
    license_file: pathlib.Path | None = None
    num_threads: int = 0
    quantization_photos: int = 300
    head: HeadConfig = HeadConfig()

    def __post_init__(self) -> None:
        """Checks the ranges."""
        _require(bool(self.sources), "sources must not be empty", self.sources)
        _require(
            32 <= self.image_size <= 1024,
            "image_size must be 32 to 1024 pixels",
            self.image_size,
        )
        _require(
            self.recipe in RECIPES, f"recipe must be one of {RECIPES}", self.recipe
        )
        _require(
            self.face_crop in FACE_CROPS,
            f"face_crop must be one of {FACE_CROPS}",
            self.face_crop,
        )
        _require(
            not (self.framed_copies and self.face_crop == "none"),
            "framed_copies needs face_crop auto",
            self.face_crop,
        )
        _require(self.seed >= 0, "seed must be at least 0", self.seed)
        _require(
            self.quantization_photos >= 1,
            "quantization_photos must be at least 1",
            self.quantization_photos,
        )
