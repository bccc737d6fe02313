"""Ray Data: crops in some actors, the model in others."""

import sys
from collections.abc import Sequence

import numpy as np
import ray

from benchmarks.peer_jobs import common
from pipelines.inference import bundle as bundles

# Half of the cores crop, the others predict.
_ACTORS = max(common.CORES // 2, 1)

Batch = dict[str, np.ndarray]


class _Cropper:
    def __init__(self, bundle_folder: str, finds_faces: bool) -> None:
        self._cropper = common.Cropper(bundles.load(bundle_folder), finds_faces)

    def __call__(self, batch: Batch) -> Batch:
        crops = [self._cropper.crop_or_blank(path) for path in batch["item"]]
        return {"item": batch["item"], "crop": np.stack(crops)}


class _Predictor:
    def __init__(self, model: str, temperature: float) -> None:
        import keras

        self._model = keras.saving.load_model(model, compile=False)
        self._temperature = temperature

    def __call__(self, batch: Batch) -> Batch:
        said = np.asarray(self._model.predict_on_batch(batch["crop"]))
        ages = common.ages_of(said, self._temperature)
        return {"item": batch["item"], "age_years": ages}


def main(argv: Sequence[str]) -> int:
    """Scores the photos of a folder."""
    flags = common.parse(argv, __doc__)
    ray.init(include_dashboard=False, log_to_driver=False, logging_level="error")
    temperature = bundles.load(flags.bundle).card.temperature
    data = ray.data.from_items(common.list_photos(flags.photos))
    data = data.map_batches(
        _Cropper,
        fn_constructor_args=(flags.bundle, flags.faces),
        batch_size=common.BATCH,
        concurrency=_ACTORS,
    )
    data = data.map_batches(
        _Predictor,
        fn_constructor_args=(flags.model, temperature),
        batch_size=common.BATCH,
        concurrency=_ACTORS,
    )
    rows = data.take_all()
    common.write(flags.output, ((row["item"], row["age_years"]) for row in rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
