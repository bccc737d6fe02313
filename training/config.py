"""Settings of a training run: frozen, validated, of real types."""

import dataclasses
import pathlib

from pipelines.domain import faces
from training import recipes

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
class TrainConfig:
    """Everything that one run of `tillage train` is asked to do.

    Attributes:
      sources: Photos and labels.
      output: Folder that the bundle is written to; must not exist, or be empty.
      name: Of the bundle.
      initial_weights: `imagenet` (downloaded by Keras), `random`, or the path of a
        weights file for ResNet50 without its top, also packed with xz, or of the
        folder of a finished run or of a bundle, to go on from its network.
      image_size: Side of the model's input, in pixels.
      seed: Of everything random.
      recipe: One of `recipes.NAMES`.
      fit: How the network is fitted.
      precision: One of `recipes.PRECISIONS`.
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
      source_weights: How often photos of a source are shown, where not once an
        epoch.
      max_train_photos: Learns from that many photos only; 0: from all.
      run: Folder of checkpoints, logs and results; None: beside the output.
      is_fit_only: Whether to stop after the fit, without a bundle.
      ablations: JSON file of fits to compare in the model card; None: none.
    """

    sources: tuple[PhotoSource, ...]
    output: pathlib.Path
    name: str = "ages"
    initial_weights: str = "imagenet"
    image_size: int = 224
    seed: int = 0
    recipe: str = recipes.DEFAULT
    fit: recipes.FitConfig = dataclasses.field(default_factory=recipes.FitConfig)
    precision: str = recipes.PRECISIONS[0]
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
    source_weights: tuple[tuple[str, float], ...] = ()
    max_train_photos: int = 0
    run: pathlib.Path | None = None
    is_fit_only: bool = False
    ablations: pathlib.Path | None = None

    def __post_init__(self) -> None:
        """Checks the ranges."""
        _require(bool(self.sources), "sources must not be empty", self.sources)
        _require(
            32 <= self.image_size <= 1024,
            "image_size must be 32 to 1024 pixels",
            self.image_size,
        )
        _require(
            self.recipe in recipes.NAMES,
            f"recipe must be one of {recipes.NAMES}",
            self.recipe,
        )
        _require(
            self.precision in recipes.PRECISIONS,
            f"precision must be one of {recipes.PRECISIONS}",
            self.precision,
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
        _require(
            self.max_train_photos >= 0,
            "max_train_photos must be at least 0",
            self.max_train_photos,
        )
        for source, weight in self.source_weights:
            _require(0 < weight <= 10, f"weight of {source} must be in (0, 10]", weight)

    @property
    def run_folder(self) -> pathlib.Path:
        """Folder of checkpoints, logs and results."""
        beside = self.output.with_name(f"{self.output.name}.run")
        return self.run or beside
