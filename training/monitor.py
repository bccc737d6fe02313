"""Shows and records how a fit comes on: bar, CSV log and TensorBoard."""

import csv
import math
import pathlib
import time
from collections.abc import Mapping

import keras
import tensorboardX
import tqdm


class Monitor(keras.callbacks.Callback):
    """Follows a fit that runs in parts; use it as a context."""

    def __init__(
        self, log: pathlib.Path, tensorboard: pathlib.Path, *, done: int, total: int
    ) -> None:
        """Opens the logs, to add to them.

        Args:
          log: CSV file.
          tensorboard: Folder of event files.
          done: Photos shown before.
          total: Photos to show in all.
        """
        super().__init__()
        self._log, self._board = log, tensorboardX.SummaryWriter(str(tensorboard))
        _forget_after(log, done)
        self._bar = tqdm.tqdm(initial=done, total=total, unit="photo", desc="fitting")
        self._total, self._batch_size = total, 0
        self._started = 0.0

    def __enter__(self) -> "Monitor":
        """Starts the clock."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes bar and logs."""
        self._bar.close()
        self._board.close()

    def begin(self, batch_size: int, size_px: int) -> None:
        """Starts a part, whose steps take so many photos of that size."""
        self._batch_size = batch_size
        self._bar.set_description(f"fitting at {size_px} px")
        self._started = time.monotonic()

    def on_train_batch_end(
        self, batch: int, logs: Mapping[str, float] | None = None
    ) -> None:
        """Moves the bar."""
        shown = {name: f"{value:.2f}" for name, value in (logs or {}).items()}
        self._bar.set_postfix(shown, refresh=False)
        self._bar.update(min(self._batch_size, self._total - self._bar.n))

    def end(self, num_photos: int, figures: Mapping[str, float]) -> float:
        """Ends a part and records it.

        Args:
          num_photos: Shown since the very start.
          figures: By name; NaN: not measured.

        Returns:
          Seconds that the part took.
        """
        seconds = time.monotonic() - self._started
        known = {name: v for name, v in figures.items() if not math.isnan(v)}
        for name, value in known.items():
            self._board.add_scalar(name, value, num_photos)
        row = {"photos": str(num_photos), "seconds": f"{seconds:.1f}"}
        row |= {
            name: f"{v:.6g}" if name in known else "" for name, v in figures.items()
        }
        is_new = not self._log.is_file()
        with self._log.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(row))
            if is_new:
                writer.writeheader()
            writer.writerow(row)
        return seconds


def _forget_after(log: pathlib.Path, num_photos: int) -> None:
    """Drops rows of a part that was recorded, but whose checkpoint was not."""
    if not log.is_file():
        return
    header, *rows = log.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [row for row in rows if int(row.partition(",")[0]) <= num_photos]
    log.write_text("".join([header, *kept]), encoding="utf-8")
