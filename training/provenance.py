"""Where a model comes from: how its fit went, and the fits that it is compared with."""

import dataclasses
import json
import pathlib
from collections.abc import Mapping

from schemas import json_fields
from training import config, errors, runs

_REQUIRED = ("name", "train_mae_years", "validation_mae_years")

Value = str | int | float | bool | None
Row = Mapping[str, Value]


class ProvenanceError(errors.InputError):
    """A file of ablations cannot be used; the message says why."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Provenance:
    """What is known of a fit beside its weights.

    Attributes:
      fit: What the run says of itself, by name, such as `photos_per_second`; empty
        where it says nothing.
      ablations: Fits to compare, in the order of their file; each has at least
        `name`, `train_mae_years` and `validation_mae_years`.
    """

    fit: Row = dataclasses.field(default_factory=dict)
    ablations: tuple[Row, ...] = ()


def read(settings: config.TrainConfig) -> Provenance:
    """Reads what a run and its file of ablations say.

    Raises:
      ProvenanceError: see `read_ablations`.
    """
    found = runs.Run(settings.run_folder).result()
    path = settings.ablations
    return Provenance(
        fit={name: value for name, value in found.items() if isinstance(value, Value)},
        ablations=read_ablations(path) if path else (),
    )


def read_ablations(path: pathlib.Path) -> tuple[Row, ...]:
    """Reads fits to compare, as `benchmarks.ablations` writes them.

    Raises:
      ProvenanceError: it is no JSON list of rows with a name and the errors.
    """
    try:
        rows: tuple[Row, ...] = json_fields.decode(
            tuple[Mapping[str, Value], ...], json.loads(path.read_text("utf-8"))
        )
    except (OSError, ValueError) as error:
        raise _refused(path, str(error)) from error
    for number, row in enumerate(rows, 1):
        if missing := [name for name in _REQUIRED if row.get(name) is None]:
            raise _refused(path, f"row {number} lacks {missing[0]}")
        for name in _REQUIRED[1:]:
            if not isinstance(row[name], float | int):
                raise _refused(path, f"{name} of row {number} is {row[name]!r}")
    return rows


def _refused(path: pathlib.Path, reason: str) -> ProvenanceError:
    return ProvenanceError(
        f"{path}: must be a JSON list of rows with {', '.join(_REQUIRED)}: {reason}"
    )
