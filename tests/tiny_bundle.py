"""A real but tiny model, exported as a bundle."""

import dataclasses
import pathlib

import numpy as np

from pipelines.domain import faces
from pipelines.inference import bundle as bundles
from schemas import bundle as schema
from schemas import fields

SIZE_PX = 32

_BOUNDS = (5, 10, 13, 15, *range(16, 26), *range(30, 100, 5))
_SAME = np.eye(len(_BOUNDS) + 1, dtype=int)
_NEXT = np.roll(_SAME, 1, axis=0) + np.roll(_SAME, -1, axis=0)


def card(**changes) -> schema.BundleCard:
    """Makes a card that lists no files."""
    return dataclasses.replace(
        schema.BundleCard(
            name="tiny",
            created="2026-11-22",
            height=SIZE_PX,
            width=SIZE_PX,
            face_settings=dataclasses.asdict(faces.FaceSettings()),
            temperature=1.25,
            conformal=schema.Conformal(
                group_bounds_years=(30.0,), quantiles_90=(1.5, 2.0), counts=(40, 50)
            ),
            confusion=schema.Confusion(
                group_bounds_years=(25.0,),
                predicted_given_true=((0.75, 0.25), (0.25, 0.75)),
                counts=((3, 1), (1, 3)),
            ),
            band_confusion=schema.BandConfusion(
                bounds_years=_BOUNDS,
                counts=tuple(tuple(row) for row in (8 * _SAME + _NEXT).tolist()),
                weights=(1 / len(_SAME),) * len(_SAME),
            ),
            age_prior=(1 / fields.NUM_AGES,) * fields.NUM_AGES,
            metrics={"test_mae_years": 20.0},
            settings={"recipe": "none", "seed": 0},
            training_data=schema.TrainingData(
                sha256="0" * 64, num_photos=0, sources={}, splits={}
            ),
            license="Apache-2.0",
            license_notice="For tests.",
            files={},
        ),
        **changes,
    )


def write(folder: pathlib.Path, model, noise: np.ndarray) -> bundles.Bundle:
    """Exports a model and opens it as a bundle."""
    from training import export, int8_gate, quantize

    folder.mkdir()
    exported = quantize.to_openvino(model)
    int8 = quantize.to_int8(exported, noise, int8_gate.WAYS[0])
    export.write_models(model, int8, folder)
    (folder / bundles.LICENSE).write_text("For tests.\n")
    (folder / bundles.MODEL_CARD).write_text("# tiny\n")
    sign(folder)
    return bundles.load(str(folder))


def sign(folder: pathlib.Path, **changes) -> None:
    """Writes a card that fits the files of a folder."""
    digests = {
        name: bundles.sha256_of(folder / name)
        for name in (*bundles.REQUIRED, bundles.KERAS_MODEL)
        if (folder / name).is_file()
    }
    optional = {
        name: digests.pop(name) for name in (bundles.KERAS_MODEL,) if name in digests
    }
    signed = card(files=digests, optional_files=optional, **changes)
    (folder / schema.FILE_NAME).write_text(signed.to_json())
