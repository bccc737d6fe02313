"""Turns planned photos into JPEG bytes, on one core or on all."""

import concurrent.futures
import contextlib
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from typing import Self

import cv2
import numpy as np

from pipelines import flags
from pipelines.sample import face_files, frames, people, shots

_TRUNCATED_SHARE = 0.6
# Below it, starting processes takes longer than they save.
_LEAST_SHOTS_TO_SHARE = 300
_SHOTS_PER_TASK = 16


class Studio(contextlib.AbstractContextManager["Studio"]):
    """Renders photos; the bytes do not depend on the number of processes."""

    def __init__(
        self, num_workers: int, least_shots: int = _LEAST_SHOTS_TO_SHARE
    ) -> None:
        """Opens a studio.

        Args:
          num_workers: Processes; 0: one a core.
          least_shots: Fewer photos are rendered by this process alone.
        """
        self._least_shots = least_shots
        self._num_workers = num_workers or os.cpu_count() or 1
        self._pool: concurrent.futures.ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Opens the studio."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def develop(self, planned: Sequence[shots.Shot]) -> Iterator[bytes]:
        """Renders photos, in order.

        Raises:
          flags.UsageError: the photo of a face cannot be decoded.
        """
        if self._num_workers == 1 or len(planned) < self._least_shots:
            _use_one_thread()
            return map(render, planned)
        if self._pool is None:
            self._pool = concurrent.futures.ProcessPoolExecutor(
                self._num_workers,
                # Not fork: OpenCV may already run threads.
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_use_one_thread,
            )
        return self._pool.map(render, planned, chunksize=_SHOTS_PER_TASK)


def render(shot: shots.Shot) -> bytes:
    """Renders one photo as JPEG bytes; a truncated one ends too early.

    Raises:
      flags.UsageError: the photo of a face cannot be decoded.
    """
    pixels = frames.picture(
        np.random.default_rng(shot.seed),
        shot.register.camera_seed,
        [_sitter(person) for person in shot.sitters],
        is_far=shot.kind == "small",
        is_blurred=shot.kind == "blurred",
        bystander=shot.bystander,
    )
    encoded = frames.to_jpeg(pixels)
    if shot.kind == "truncated":
        return encoded[: int(_TRUNCATED_SHARE * len(encoded))]
    return encoded


def _sitter(person: people.Person) -> frames.Sitter:
    if isinstance(person.face, frames.Rendered):
        return person.face
    encoded = np.frombuffer(face_files.read(person.face), np.uint8)
    bgr = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if encoded.size else None
    if bgr is None:
        raise flags.UsageError(
            f"--faces {person.face.path}: {person.person_id} is not a photo; remove it"
        )
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def _use_one_thread() -> None:
    cv2.setNumThreads(1)
