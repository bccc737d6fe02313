"""Beam's RunInference with its own handler for TensorFlow models."""

import pathlib
import sys
from collections.abc import Iterator, Sequence

import apache_beam as beam
import tensorflow as tf
from apache_beam.ml.inference import base, tensorflow_inference
from apache_beam.runners.portability import fn_api_runner

from benchmarks.peer_jobs import common
from pipelines.inference import bundle as bundles


class _Crop(beam.DoFn):
    def __init__(self, bundle_folder: str, finds_faces: bool) -> None:
        self._arguments = bundle_folder, finds_faces

    def setup(self) -> None:
        folder, finds_faces = self._arguments
        self._cropper = common.Cropper(bundles.load(folder), finds_faces)

    def process(self, path: str) -> Iterator[tuple[str, tf.Tensor]]:
        crop = self._cropper.crop(path)
        if crop is not None:
            yield path, tf.convert_to_tensor(crop)


def main(argv: Sequence[str]) -> int:
    """Scores the photos of a folder."""
    flags = common.parse(argv, __doc__)
    temperature = bundles.load(flags.bundle).card.temperature
    handler = tensorflow_inference.TFModelHandlerTensor(
        model_uri=flags.model, max_batch_size=common.BATCH
    )
    # Not DirectRunner, which looks for another runner, and downloads it, first.
    with beam.Pipeline(runner=fn_api_runner.FnApiRunner()) as root:
        said = (
            root
            | "CreatePaths" >> beam.Create(common.list_photos(flags.photos))
            | "SpreadPaths" >> beam.Reshuffle()
            | "Crop" >> beam.ParDo(_Crop(flags.bundle, flags.faces))
            | "Infer" >> base.RunInference(base.KeyedModelHandler(handler))
            | "ToAge"
            >> beam.MapTuple(
                lambda path, result: (
                    path,
                    common.ages_of(result.inference.numpy()[None], temperature)[0],
                )
            )
        )
        _ = (
            said
            | "Gather" >> beam.combiners.ToList()
            | "Write" >> beam.Map(_write, flags.output)
        )
    return 0


def _write(rows: list[tuple[str, float]], output: pathlib.Path) -> None:
    common.write(output, rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
