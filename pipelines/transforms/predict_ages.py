"""Predicts ages with the bundled model, through Beam's RunInference."""

from collections.abc import Mapping, Sequence
from typing import Any

import apache_beam as beam
import numpy as np
from apache_beam.ml.inference import base

from pipelines import records
from pipelines.domain import ages
from pipelines.inference import bundle, engines


class PredictAges(beam.PTransform):
    """Turns each `PreparedPhoto` into one `ScoredPhoto`, face or not."""

    def __init__(self, handler: "AgeModelHandler") -> None:
        """Takes the model, wrapped for Beam."""
        super().__init__()
        self._handler = handler

    def expand(
        self, prepared: beam.PCollection[records.PreparedPhoto]
    ) -> beam.PCollection[records.ScoredPhoto]:
        """Batches and infers."""
        return prepared | "RunInference" >> base.RunInference(self._handler)


class AgeModelHandler(
    base.ModelHandler[records.PreparedPhoto, records.ScoredPhoto, engines.AgePredictor]
):
    """Runs one of the engines inside a Beam worker.

    Photos without a face pass through, so that reading, scoring and keeping stay
    one chain of steps that no shuffle cuts.
    """

    def __init__(
        self,
        bundle_place: str | None,
        bundle_sha256: str,
        engine: str,
        temperature: float,
        batch_size: int,
    ) -> None:
        """Takes what to load.

        Args:
          bundle_place: Folder of a bundle, as every worker reaches it; None: the one
            that ships, wherever the worker has it.
          bundle_sha256: Digest that it must have on the worker, too.
          engine: `openvino` or `tensorflow`.
          temperature: Divides the logits of the model, from the bundle's card.
          batch_size: Photos per call.
        """
        super().__init__()
        self._bundle_place = bundle_place
        self._bundle_sha256 = bundle_sha256
        self._engine = engine
        self._temperature = temperature
        self._batch_size = batch_size

    def load_model(self) -> engines.AgePredictor:
        """Loads the bundle, hashes checked, onto one thread of this worker.

        Raises:
          bundle.BundleError: it cannot be used, or is another than the run's.
        """
        loaded = bundle.load(self._bundle_place or bundle.default_folder())
        if loaded.sha256 != self._bundle_sha256:
            raise bundle.BundleError(
                f"{loaded.folder}: not the bundle that the run was started with; "
                "every worker needs the same one, and the same version of tillage"
            )
        return engines.make(self._engine, loaded, num_threads=1)

    def run_inference(
        self,
        batch: Sequence[records.PreparedPhoto],
        model: engines.AgePredictor,
        inference_args: dict[str, Any] | None = None,
    ) -> list[records.ScoredPhoto]:
        """Scores one batch.

        Returns:
          One result a photo, in order.
        """
        faces = [photo.face for photo in batch if photo.face is not None]
        weights = iter(())
        if faces:
            probabilities = model.predict(np.stack(faces))
            if len(probabilities) != len(faces):
                raise RuntimeError(
                    f"the engine gave {len(probabilities)} results "
                    f"for {len(faces)} faces"
                )
            weights = iter(ages.to_weights(probabilities, self._temperature))
        return [
            records.ScoredPhoto.of(photo, None if photo.face is None else next(weights))
            for photo in batch
        ]

    def get_num_bytes(self, batch: Sequence[records.PreparedPhoto]) -> int:
        """Counts the pixels; Beam would pickle them all to know."""
        return sum(photo.face.nbytes for photo in batch if photo.face is not None)

    def batch_elements_kwargs(self) -> Mapping[str, Any]:
        """Asks Beam for batches of one size."""
        return {
            "min_batch_size": self._batch_size,
            "max_batch_size": self._batch_size,
        }
