"""The bare model on ready tensors: what no job around it can surpass.

The better of one process with a stream for each core, in the batches that suit it best,
and of one process for each core.
"""

import json
import multiprocessing
import sys
import time
from collections.abc import Sequence
from concurrent import futures

import numpy as np
import openvino
import psutil

from benchmarks.peer_jobs import common
from pipelines.inference import bundle as bundles
from pipelines.inference import openvino_engine

_SECONDS = 4.0
_BATCHES = (4, 8, 16, common.BATCH)


def main(argv: Sequence[str]) -> int:
    """Writes photos per second, as JSON, to the output."""
    flags = common.parse(argv, __doc__)
    bundle = bundles.load(flags.bundle)
    cropper = common.Cropper(bundle, finds_faces=False)
    paths = common.list_photos(flags.photos)[: common.BATCH]
    batch = np.stack([cropper.crop_or_blank(path) for path in paths])
    cores = len(psutil.Process().cpu_affinity())
    settings = {
        "INFERENCE_NUM_THREADS": cores,
        "NUM_STREAMS": cores,
        "INFERENCE_PRECISION_HINT": "f32",
    }
    path = bundle.folder / bundles.MODEL_XML
    compiled = openvino.Core().compile_model(path, "CPU", settings)
    queue = openvino.AsyncInferQueue(compiled, cores)
    _infer(queue, batch, 1.0)
    streams = max(_infer(queue, batch[:size], _SECONDS) for size in _BATCHES)
    with futures.ProcessPoolExecutor(
        cores, multiprocessing.get_context("spawn")
    ) as pool:
        alone = pool.map(_infer_alone, [str(path)] * cores, [batch[:16]] * cores)
        speed = max(streams, sum(alone))
    flags.output.write_text(json.dumps({"photos_per_second": speed}))
    return 0


def _infer_alone(path: str, batch: np.ndarray) -> float:
    model = openvino_engine.OpenvinoPredictor(path, num_threads=1)
    # The first half is to start up and to wait for the others.
    starts = time.perf_counter() + 2 * _SECONDS
    while time.perf_counter() < starts:
        model.predict(batch)
    photos, started = 0, time.perf_counter()
    while time.perf_counter() < starts + 2 * _SECONDS:
        model.predict(batch)
        photos += len(batch)
    return photos / (time.perf_counter() - started)


def _infer(queue: openvino.AsyncInferQueue, batch: np.ndarray, seconds: float) -> float:
    started, photos = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        queue.start_async({0: batch})
        photos += len(batch)
    queue.wait_all()
    return photos / (time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
