"""Recipes: which network is fitted how."""

import dataclasses

DEFAULT, ORIGINAL, FROZEN = NAMES = ("default", "original", "frozen-features")
PRECISIONS = ("auto", "float32", "bfloat16")
DISTRIBUTION, REGRESSION = HEADS = ("distribution", "regression")


def _require(is_met: bool, rule: str, received: object) -> None:
    if not is_met:
        raise ValueError(f"{rule}. Received: {received}")


@dataclasses.dataclass(frozen=True, kw_only=True)
class FitConfig:
    """How a whole network is fitted.

    Attributes:
      head: `distribution` over ages 0 to 100, learned by KL divergence and the L1
        error of the mean (DLDL-v2, Gao et al. 2018); or `regression` of the age
        by squared error, with a normal distribution of its validation residuals.
      epochs: Passes over the training photos.
      batch_size: Photos a step.
      learning_rate: Highest; reached after the warm-up, it falls along a cosine.
      has_schedule: Whether it does; else it stays.
      warmup_share: Share of all steps.
      weight_decay: Of AdamW; 0 is Adam.
      clip_norm: Largest norm of a step's gradient; 0: no limit.
      head_gain: How many times as fast as the rest the head learns.
      dropout: Share of pooled features left out at each step.
      label_sigma_years: Spread of the distribution that a label is turned into.
      mean_loss_weight: Of the L1 error, in years, against the divergence.
      has_augmentation: Whether crops are varied; else only flipped.
      has_averaging: Whether the weights that are kept are an average over steps.
      average_steps: Over about how many of the last steps.
      trains_norms: Whether batch normalisation keeps learning; else its statistics
        are taken once from the training photos and stay, which is 1.6 times as
        fast on a CPU.
      frozen_blocks: Blocks of ResNet50 that stay as they are, such as `conv2`: the
        first know edges and colours, and cost the most to train.
      age_balance: See `training.batches.Mix`.
      framed_share: See `training.batches.Mix`.
      size_steps: Shares of the steps and the shares of the image size at which
        they are trained: small pictures first, for they are cheap.
      part_steps: Steps between checkpoints; 128 are two minutes on two cores.
    """

    head: str = DISTRIBUTION
    epochs: int = 12
    batch_size: int = 32
    learning_rate: float = 2e-4
    has_schedule: bool = True
    warmup_share: float = 0.06
    weight_decay: float = 0.02
    clip_norm: float = 5.0
    head_gain: float = 10.0
    dropout: float = 0.2
    label_sigma_years: float = 2.0
    mean_loss_weight: float = 0.3
    has_augmentation: bool = True
    has_averaging: bool = True
    average_steps: int = 800
    trains_norms: bool = False
    frozen_blocks: tuple[str, ...] = ("conv1", "conv2")
    age_balance: float = 0.5
    framed_share: float = 0.35
    size_steps: tuple[tuple[float, float], ...] = ((0.4, 0.7), (0.3, 0.8), (0.3, 1.0))
    part_steps: int = 128

    def __post_init__(self) -> None:
        """Checks the ranges."""
        _require(self.head in HEADS, f"head must be one of {HEADS}", self.head)
        _require(self.epochs >= 1, "epochs must be at least 1", self.epochs)
        _require(self.batch_size >= 1, "batch_size must be at least 1", self.batch_size)
        _require(
            self.learning_rate > 0, "learning_rate must be above 0", self.learning_rate
        )
        _require(0 <= self.dropout < 1, "dropout must be in [0, 1)", self.dropout)
        _require(
            abs(sum(share for share, _ in self.size_steps) - 1) < 1e-6,
            "the shares of size_steps must sum to 1",
            self.size_steps,
        )

    @property
    def is_distribution(self) -> bool:
        """Whether the network itself says a distribution."""
        return self.head == DISTRIBUTION


# The study that Tillage goes back to: Adam 3e-4, MSE, flips, ten epochs.
ORIGINAL_FIT = FitConfig(
    head=REGRESSION,
    epochs=10,
    learning_rate=3e-4,
    has_schedule=False,
    weight_decay=0.0,
    clip_norm=0.0,
    head_gain=1.0,
    dropout=0.0,
    has_augmentation=False,
    has_averaging=False,
    trains_norms=True,
    frozen_blocks=(),
    age_balance=0.0,
    framed_share=0.0,
    size_steps=((1.0, 1.0),),
)

FITS = {DEFAULT: FitConfig(), ORIGINAL: ORIGINAL_FIT}


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
