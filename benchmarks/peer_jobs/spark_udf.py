"""Spark's `predict_batch_udf`."""

import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd
from pyspark import sql
from pyspark.ml import functions as ml
from pyspark.sql import functions, types

from benchmarks.peer_jobs import common
from pipelines.inference import bundle as bundles


def _make_predict(
    model_file: str, size_px: int, temperature: float
) -> Callable[[np.ndarray], np.ndarray]:
    import keras

    model = keras.saving.load_model(model_file, compile=False)

    def predict(crops: np.ndarray) -> np.ndarray:
        pixels = np.stack([np.frombuffer(crop, np.uint8) for crop in crops])
        said = model.predict_on_batch(pixels.reshape(-1, size_px, size_px, 3))
        return common.ages_of(np.asarray(said), temperature)

    return predict


def main(argv: Sequence[str]) -> int:
    """Scores the photos of a folder."""
    flags = common.parse(argv, __doc__)
    card = bundles.load(flags.bundle).card
    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = (
        sql.SparkSession.builder.master(f"local[{common.CORES}]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", 2 * common.BATCH)
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")

    @functions.pandas_udf(types.BinaryType())
    def crop(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
        cropper = common.Cropper(bundles.load(flags.bundle), flags.faces)
        for paths in batches:
            yield paths.map(lambda path: cropper.crop_or_blank(path).tobytes())

    predict = ml.predict_batch_udf(
        functools.partial(_make_predict, flags.model, card.height, card.temperature),
        return_type=types.DoubleType(),
        batch_size=common.BATCH,
    )
    paths = [(path,) for path in common.list_photos(flags.photos)]
    frame = spark.createDataFrame(paths, "photo string").repartition(common.CORES)
    frame = frame.withColumn("crop", crop("photo"))
    rows = frame.select("photo", predict("crop").alias("age_years")).collect()
    common.write(flags.output, ((row.photo, row.age_years) for row in rows))
    spark.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
