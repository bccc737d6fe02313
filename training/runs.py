"""The folder of a training run: settings, checkpoints, logs, results."""

import csv
import dataclasses
import json
import pathlib
import shutil
import zipfile
from collections.abc import Mapping

import keras
import numpy as np
import numpy.typing as npt

from training import averaging, config, dataset, errors, labels

_SETTINGS = "settings.json"
_STATE = "state.json"
_WEIGHTS = "model.weights.h5"
_AVERAGE = "average.npz"
_FITTED = "fitted.weights.h5"
RESULT = "result.json"


class RunError(errors.InputError):
    """The run cannot go on; the message says why."""


@dataclasses.dataclass(kw_only=True)
class State:
    """How far a fit has come.

    Attributes:
      num_photos: Shown so far.
      seconds: Spent on showing them.
      num_resumes: How often the run was taken up again.
    """

    num_photos: int = 0
    seconds: float = 0.0
    num_resumes: int = 0


@dataclasses.dataclass(frozen=True)
class Run:
    """A folder to work in; what it holds survives a killed process."""

    folder: pathlib.Path

    @property
    def log(self) -> pathlib.Path:
        """CSV log, a row a part of an epoch."""
        return self.folder / "log.csv"

    @property
    def tensorboard(self) -> pathlib.Path:
        """TensorBoard's folder."""
        return self.folder / "tensorboard"

    def begin(self, settings: config.TrainConfig, photos: dataset.Dataset) -> None:
        """Claims the folder for a run, or finds it begun with the same settings.

        Raises:
          RunError: it was begun with other settings or photos.
        """
        wanted = _decisive(settings, photos)
        path = self.folder / _SETTINGS
        if path.is_file():
            begun = json.loads(path.read_text())
            for name in sorted(begun.keys() | wanted.keys()):
                if begun.get(name) != wanted.get(name):
                    raise RunError(
                        f"{self.folder}: was begun with {name} {begun.get(name)}, "
                        f"not {wanted.get(name)}; name another folder with --run, or "
                        "remove this one"
                    )
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write(_SETTINGS, wanted)
        _write_splits(self.folder / "splits.csv", photos)

    def save(
        self, network: keras.Model, averager: averaging.Averager, state: State
    ) -> None:
        """Writes a checkpoint, whole or not at all."""
        partial = self.folder / "checkpoint.part"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        # Before the first step, the optimiser has nothing to keep otherwise.
        network.optimizer.build(network.trainable_variables)
        network.save_weights(partial / _WEIGHTS)
        np.savez(partial / _AVERAGE, np.array(averager.num_updates), *averager.average)
        (partial / _STATE).write_text(json.dumps(dataclasses.asdict(state)))
        before, newest = self.folder / "checkpoint.old", self.folder / "checkpoint"
        if newest.is_dir():
            shutil.rmtree(before, ignore_errors=True)
            newest.rename(before)
        partial.rename(newest)
        shutil.rmtree(before, ignore_errors=True)

    @property
    def has_checkpoint(self) -> bool:
        """Tells whether there is something to restore."""
        return self._checkpoint() is not None

    def restore(
        self, network: keras.Model, averager: averaging.Averager
    ) -> State | None:
        """Reads the last checkpoint into a compiled model; None: there is none.

        Raises:
          RunError: its arrays are damaged, or hold what is no array.
        """
        folder = self._checkpoint()
        if folder is None:
            return None
        network.optimizer.build(network.trainable_variables)
        network.load_weights(folder / _WEIGHTS)
        count, *average = _arrays(folder / _AVERAGE)
        averager.num_updates, averager.average = int(count), average
        state = State(**json.loads((folder / _STATE).read_text()))
        return dataclasses.replace(state, num_resumes=state.num_resumes + 1)

    def _checkpoint(self) -> pathlib.Path | None:
        for name in ("checkpoint", "checkpoint.old"):
            if (self.folder / name / _STATE).is_file():
                return self.folder / name
        return None

    def finish(self, network: keras.Model, result: Mapping[str, object]) -> None:
        """Keeps the fitted weights and what is said of them, the result last."""
        partial = self.folder / f"part.{_FITTED}"
        network.save_weights(partial)
        partial.rename(self.folder / _FITTED)
        self._write(RESULT, dict(result))
        shutil.rmtree(self.folder / "checkpoint", ignore_errors=True)

    @property
    def fitted(self) -> pathlib.Path:
        """The fitted weights; there once the run `is_finished`."""
        return self.folder / _FITTED

    @property
    def is_finished(self) -> bool:
        """Tells whether nothing is left to fit."""
        return (self.folder / RESULT).is_file()

    def result(self) -> dict[str, object]:
        """Reads what is said of the fitted weights; empty before."""
        if not self.is_finished:
            return {}
        found: dict[str, object] = json.loads((self.folder / RESULT).read_text())
        return found

    def _write(self, name: str, content: dict[str, object]) -> None:
        partial = self.folder / f"{name}.part"
        partial.write_text(json.dumps(content, indent=1) + "\n")
        partial.rename(self.folder / name)


def _decisive(
    settings: config.TrainConfig, photos: dataset.Dataset
) -> dict[str, object]:
    """Lists what decides the fitted weights, as JSON has it."""
    decisive = {
        "photos": photos.sha256,
        "recipe": settings.recipe,
        "initial_weights": pathlib.Path(settings.initial_weights).name,
        "image_size": settings.image_size,
        "seed": settings.seed,
        "max_train_photos": settings.max_train_photos,
        "source_weights": settings.source_weights,
        **dataclasses.asdict(settings.fit),
    }
    found: dict[str, object] = json.loads(json.dumps(decisive))
    return found


def _write_splits(path: pathlib.Path, photos: dataset.Dataset) -> None:
    """Writes who was dealt where: a labels file itself."""
    plain = np.flatnonzero(photos.views == "plain")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            [*labels.REQUIRED_COLUMNS, *photos.columns, labels.SPLIT_COLUMN]
        )
        for row in plain:
            further = [values[row] for values in photos.columns.values()]
            age = f"{photos.ages_years[row]:g}"
            writer.writerow([photos.names[row], age, *further, photos.splits[row]])


def _arrays(path: pathlib.Path) -> list[npt.NDArray[np.float32]]:
    try:
        with np.load(path, allow_pickle=False) as kept:
            return [kept[key] for key in kept.files]
    except (ValueError, zipfile.BadZipFile, EOFError) as error:
        raise RunError(
            f"{path}: damaged, or not written by this program; remove {path.parent} "
            "to begin anew"
        ) from error
