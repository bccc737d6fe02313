"""Fits a whole network, in parts, so that a killed run goes on where it stopped."""

import dataclasses
import logging
from collections.abc import Mapping

import keras
import numpy as np

from training import (
    augmentation,
    averaging,
    batches,
    config,
    curriculum,
    dataset,
    heads,
    model,
    monitor,
    networks,
    norms,
    precision,
    runs,
    validation,
)

_log = logging.getLogger(__name__)

_WATCHED_PHOTOS = 1000
_SIZE_STEP_PX = 16
_LEAST_SIZE_PX = 32


def fit(
    network: keras.Model,
    photos: dataset.Dataset,
    settings: config.TrainConfig,
    run: runs.Run,
) -> None:
    """Fits a network; `run` then holds the weights and the result.

    Args:
      network: From `networks.build`.
      photos: With wide crops; the splits `train` and `validation` are used.
      settings: Of the run.
      run: Begun; a checkpoint in it is taken up.

    Raises:
      dataset.DatasetError: there is nothing to learn from.
    """
    fitter = _Fitter(network, photos, settings, run)
    fitter.fit()
    fitter.finish()


class _Fitter:
    """One fit: a network, its photos and how far it has come."""

    def __init__(
        self,
        network: keras.Model,
        photos: dataset.Dataset,
        settings: config.TrainConfig,
        run: runs.Run,
    ) -> None:
        self._photos, self._settings, self._run = photos, settings, run
        self._recipe = settings.fit
        self._rows = curriculum.rows(photos, settings)
        self._deck = batches.Deck(
            photos, self._rows, curriculum.mix(settings), settings.seed
        )
        self._total = len(self._deck) * self._recipe.epochs
        self._averager = averaging.Averager(
            self._recipe.average_share * self._total / self._recipe.batch_size
        )
        self._network = self._brought_here(network)
        networks.compile_network(self._network, self._recipe, self._total)
        restored = run.restore(self._network, self._averager)
        self._state = restored or runs.State()
        if restored is None and self._learns_head_first:
            self._fit_head()

    def _brought_here(self, network: keras.Model) -> keras.Model:
        """Brings a network of other pictures to these photos."""
        if not self._recipe.trains_norms:
            if not (self._run.has_checkpoint or networks.goes_on(self._settings)):
                norms.settle(network, self._looks())
            network = norms.folded(network)
        networks.freeze(network, self._recipe)
        return network

    @property
    def _learns_head_first(self) -> bool:
        return self._recipe.learns_head_first and not networks.goes_on(self._settings)

    def _fit_head(self) -> None:
        heads.fit(self._network, self._looks(), self._recipe)
        _log.info("the head alone: validation MAE %.2f years", self._watched())
        # Hours may follow, and what was found so far is not found again.
        self._run.save(self._network, self._averager, self._state)

    def _looks(self) -> batches.Batches:
        return self._batches(0, self._recipe.head_looks * len(self._deck))

    def fit(self) -> None:
        """Shows the photos, part by part, with a checkpoint after each."""
        with monitor.Monitor(
            self._run.log,
            self._run.tensorboard,
            done=self._state.num_photos,
            total=self._total,
        ) as watcher:
            while self._state.num_photos < self._total:
                self._fit_part(watcher)

    def finish(self) -> None:
        """Keeps the weights that are to be used, and says how good they are."""
        if self._recipe.has_averaging and self._averager.average:
            self._network.set_weights(self._averager.average)
        # Without the optimiser, and in float32.
        plain = model.build_network(model.build_trunk(None), self._recipe)
        if self._recipe.trains_norms:
            plain.set_weights(self._network.get_weights())
        else:
            norms.unfold(self._network, plain)
        self._run.finish(plain, self._result())

    def _fit_part(self, watcher: monitor.Monitor) -> None:
        start = self._state.num_photos
        stop = min(
            start + self._recipe.part_steps * self._recipe.batch_size, self._total
        )
        part = self._batches(start, stop)
        watcher.begin(self._recipe.batch_size, self._size_px(start))
        history = self._network.fit(
            part,
            epochs=1,
            shuffle=False,
            verbose=0,
            callbacks=[watcher, self._averager],
        ).history
        figures = {name: float(values[-1]) for name, values in history.items()}
        rate = self._network.optimizer.learning_rate
        figures["learning_rate"] = float(keras.ops.convert_to_numpy(rate))
        is_epoch_over = stop // len(self._deck) > start // len(self._deck)
        figures["validation_mae_years"] = (
            self._watched() if is_epoch_over else float("nan")
        )
        self._state = dataclasses.replace(
            self._state,
            num_photos=stop,
            seconds=self._state.seconds + watcher.end(stop, figures),
        )
        self._run.save(self._network, self._averager, self._state)

    def _batches(self, start: int, stop: int) -> batches.Batches:
        recipe = self._recipe
        return batches.Batches(
            self._photos,
            self._deck.span(start, stop),
            start=start,
            batch_size=recipe.batch_size,
            size_px=self._size_px(start),
            strength=augmentation.Strength()
            if recipe.has_augmentation
            else augmentation.FLIP_ONLY,
            targets=batches.Targets(
                is_distribution=recipe.is_distribution,
                label_sigma_years=recipe.label_sigma_years,
            ),
            seed=self._settings.seed,
            workers=self._settings.num_threads or precision.num_cores(),
        )

    def _size_px(self, start: int) -> int:
        shares, scales = zip(*self._recipe.size_steps, strict=True)
        share = start / max(self._total, 1)
        step = int(np.searchsorted(np.cumsum(shares), share, "right"))
        scale = scales[min(step, len(scales) - 1)]
        steps = round(scale * self._settings.image_size / _SIZE_STEP_PX)
        return max(steps * _SIZE_STEP_PX, _LEAST_SIZE_PX)

    def _watched(self) -> float:
        """Judges the weights as they would be used, on some validation photos."""
        rows = validation.plain_rows(self._photos, "validation")
        rows = validation.sample(rows, _WATCHED_PHOTOS, self._settings.seed)
        now = self._network.get_weights()
        if self._recipe.has_averaging and self._averager.average:
            self._network.set_weights(self._averager.average)
        found = validation.mae_years(self._network, self._photos, rows)
        self._network.set_weights(now)
        return found

    def _result(self) -> Mapping[str, object]:
        recipe, settings, state = self._recipe, self._settings, self._state
        return {
            "recipe": settings.recipe,
            "head": recipe.head,
            "epochs": recipe.epochs,
            "image_size": settings.image_size,
            "precision": self._network.get_layer("conv1_conv").compute_dtype,
            "backend": keras.backend.backend(),
            "device": precision.device(),
            "seed": settings.seed,
            "num_train_photos": len(self._deck),
            **validation.summary(self._network, self._photos, self._rows),
            "photos_per_second": round(state.num_photos / state.seconds, 2)
            if state.seconds
            else None,
            "seconds": round(state.seconds, 1),
            "num_resumes": state.num_resumes,
        }
