"""Recipes: which network is fitted how."""

import dataclasses

DEFAULT, ORIGINAL, FROZEN = NAMES = ("default", "original", "frozen-features")
PRECISIONS = ("auto", "float32", "bfloat16")
BLOCKS = ("conv1", "conv2", "conv3", "conv4", "conv5")
DISTRIBUTION, REGRESSION = HEADS = ("distribution", "regression")


def _require(is_met: bool, rule: str, received: object) -> None:
    if not is_met:
        raise ValueError(f"{rule}. Received: {received}")


@dataclasses.dataclass(frozen=True, kw_only=True)
class FitConfig:
    """How a whole network is fitted.

    Attributes:
      head: `distribution` over ages 0 to 100, learned by KL divergence and the L1
        error of the mean (DLDL-v2, Gao et al. 2018), from a middle, a late and the
        last block; or `regression` of the age from the last block by squared
        error, with a normal distribution of its validation residuals.
      hidden_units: Of the distribution's head.
      feature_noise: Spread of the noise on the features that it sees, in their own
        spreads.
      head_epochs: Passes in which a distribution's head alone learns at first, from
        features that are computed once; 0: it learns with the rest.
      head_looks: Looks at each photo that these features are of.
      head_learning_rate: At the start of these; falls to zero along a cosine.
      epochs: Passes over the training photos by the whole network.
      batch_size: Photos a step.
      learning_rate: Highest; reached after the warm-up, it falls along a cosine.
      has_schedule: Whether it does; else it stays.
      warmup_share: Share of all steps.
      weight_decay: Of AdamW; 0 is Adam.
      clip_norm: Largest norm of a step's gradient; 0: no limit.
      dropout: Share of what the last layer sees that is left out at each step.
      label_sigma_years: Spread of the distribution that a label is turned into.
      mean_loss_weight: Of the L1 error, in years, against the divergence.
      has_augmentation: Whether crops are varied; else only flipped.
      has_averaging: Whether the weights that are kept are an average over steps.
      average_share: Over about which share of the steps, the last ones.
      trains_norms: Whether batch normalisation keeps learning; else its statistics
        are taken once from the training photos and worked into the kernels, which
        is 2.4 times as fast on a CPU (`benchmarks.fit_steps`).
      frozen_blocks: Blocks of ResNet50 that stay as they are, such as `conv2`: the
        first know edges and colours, and cost the most to train.
      age_balance: See `training.batches.Mix`.
      child_weight: See `training.batches.Mix`.
      framed_share: See `training.batches.Mix`.
      size_steps: Shares of the steps and the shares of the image size at which
        they are trained: small pictures first, for they are cheap.
      part_steps: Steps between checkpoints; 64 are a minute or two on two cores.
    """

    head: str = DISTRIBUTION
    hidden_units: int = 512
    feature_noise: float = 0.3
    head_epochs: int = 8
    head_looks: int = 1
    head_learning_rate: float = 1e-3
    epochs: int = 12
    batch_size: int = 64
    learning_rate: float = 1e-4
    has_schedule: bool = True
    warmup_share: float = 0.06
    weight_decay: float = 0.02
    clip_norm: float = 5.0
    dropout: float = 0.4
    label_sigma_years: float = 2.0
    mean_loss_weight: float = 0.3
    has_augmentation: bool = True
    has_averaging: bool = True
    average_share: float = 0.1
    trains_norms: bool = False
    frozen_blocks: tuple[str, ...] = ("conv1", "conv2")
    age_balance: float = 0.5
    child_weight: float = 0.4
    framed_share: float = 0.35
    size_steps: tuple[tuple[float, float], ...] = ((0.4, 0.7), (0.3, 0.8), (0.3, 1.0))
    part_steps: int = 64

    def __post_init__(self) -> None:
        """Checks the ranges."""
        _require(self.head in HEADS, f"head must be one of {HEADS}", self.head)
        _require(self.epochs >= 0, "epochs must be at least 0", self.epochs)
        _require(
            self.epochs >= 1 or self.learns_head_first,
            "epochs must be at least 1 where the head does not learn first",
            self.epochs,
        )
        _require(self.head_looks >= 1, "head_looks must be at least 1", self.head_looks)
        _require(self.batch_size >= 1, "batch_size must be at least 1", self.batch_size)
        _require(
            self.learning_rate > 0, "learning_rate must be above 0", self.learning_rate
        )
        _require(
            0 < self.average_share <= 1,
            "average_share must be in (0, 1]",
            self.average_share,
        )
        _require(
            set(self.frozen_blocks) <= set(BLOCKS),
            f"frozen_blocks must be of {', '.join(BLOCKS)}",
            self.frozen_blocks,
        )
        _require(
            self.child_weight > 0, "child_weight must be above 0", self.child_weight
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

    @property
    def learns_head_first(self) -> bool:
        """Whether a distribution's head learns before the rest."""
        return self.is_distribution and self.head_epochs > 0


# The study that Tillage goes back to: Adam 3e-4, MSE, flips, ten epochs.
ORIGINAL_FIT = FitConfig(
    head=REGRESSION,
    head_epochs=0,
    epochs=10,
    batch_size=32,
    learning_rate=3e-4,
    has_schedule=False,
    weight_decay=0.0,
    clip_norm=0.0,
    dropout=0.0,
    has_augmentation=False,
    has_averaging=False,
    trains_norms=True,
    frozen_blocks=(),
    age_balance=0.0,
    child_weight=1.0,
    framed_share=0.0,
    size_steps=((1.0, 1.0),),
)

# A head on features of photos as they are: minutes, where a whole fit takes hours.
FROZEN_FIT = FitConfig(
    epochs=0,
    head_epochs=12,
    head_looks=2,
    has_augmentation=False,
    has_averaging=False,
    size_steps=((1.0, 1.0),),
)

FITS = {DEFAULT: FitConfig(), ORIGINAL: ORIGINAL_FIT, FROZEN: FROZEN_FIT}
