"""Initial weights of ResNet50: ImageNet, random, or a file."""

import contextlib
import functools
import hashlib
import lzma
import os
import pathlib
import shutil
import tempfile
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator

import keras
import numpy as np

from training import errors

_URL = (
    "https://storage.googleapis.com/tensorflow/keras-applications/resnet/"
    "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
)
# As keras.applications has it.
_MD5 = "4d473c1dd8becc155b73f8504c6f6626"


class WeightsError(errors.InputError):
    """Weights cannot be used; the message says why, and what to do."""


def initialise(trunk: keras.Model, initial: str) -> None:
    """Gives a trunk its first weights.

    Args:
      trunk: ResNet50 without its top, as `training.model.build_trunk` makes it, with
        the weights that the seed gave it.
      initial: `imagenet`, `random`, or the path of a weights file made for
        `keras.applications.ResNet50(include_top=False)`, also packed with xz.

    Raises:
      WeightsError: the file is missing, damaged or of another architecture, or the
        ImageNet weights cannot be downloaded.
    """
    if initial == "random":
        return
    path = _downloaded() if initial == "imagenet" else pathlib.Path(initial)
    if not path.is_file():
        raise WeightsError(
            f"{path}: no such weights file; name one, or imagenet, or random"
        )
    with _unpacked(path) as unpacked:
        try:
            load(trunk, unpacked)
        except (ValueError, OSError, KeyError) as error:
            reason = str(error).partition("\n")[0]
            raise WeightsError(
                f"{path}: not weights of ResNet50 without its top: {reason}"
            ) from error
    _turn_to_rgb(trunk.get_layer("conv1_conv"))


def load(model: keras.Model, path: pathlib.Path) -> None:
    """Loads weights; Keras passes over some layers that a file lacks, we do not.

    Raises:
      ValueError, OSError, KeyError: the file is damaged or of another architecture.
    """
    model.set_weights([np.full_like(w, np.nan) for w in model.get_weights()])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Skipping nested container")
        model.load_weights(path)
    for layer in model.layers:
        if any(np.isnan(values).any() for values in layer.get_weights()):
            raise ValueError(f"nothing for layer {layer.name}")


def _turn_to_rgb(first: keras.layers.Layer) -> None:
    """The weights were made for BGR; our photos are RGB."""
    kernel, bias = first.get_weights()
    first.set_weights([kernel[:, :, ::-1], bias])


@contextlib.contextmanager
def _unpacked(path: pathlib.Path) -> Iterator[pathlib.Path]:
    if path.suffix != ".xz":
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        unpacked = pathlib.Path(folder) / path.stem
        try:
            with lzma.open(path) as packed, unpacked.open("wb") as file:
                shutil.copyfileobj(packed, file)
        except (lzma.LZMAError, EOFError) as error:
            raise WeightsError(f"{path}: damaged xz file: {error}") from error
        yield unpacked


def _downloaded() -> pathlib.Path:
    """Finds Keras' ImageNet weights, in its own cache or on the net."""
    name = _URL.rpartition("/")[2]
    # Where Keras keeps them, too.
    home = os.environ.get("KERAS_HOME") or pathlib.Path.home() / ".keras"
    path = pathlib.Path(home, "models", name)
    if path.is_file():
        return _verified(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    try:
        with urllib.request.urlopen(_URL) as answer, partial.open("wb") as file:
            shutil.copyfileobj(answer, file)
    except (urllib.error.URLError, OSError) as error:
        raise WeightsError(
            f"ImageNet weights cannot be downloaded ({error}); "
            "give --initial-weights PATH"
        ) from error
    return _verified(partial).rename(path)


def _verified(path: pathlib.Path) -> pathlib.Path:
    with path.open("rb") as file:
        digest = hashlib.file_digest(
            file, functools.partial(hashlib.md5, usedforsecurity=False)
        )
    if digest.hexdigest() != _MD5:
        raise WeightsError(
            f"{path}: not the ImageNet weights that Keras names (MD5 {_MD5}); remove "
            "it, or give --initial-weights PATH"
        )
    return path
