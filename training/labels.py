"""Reads the labels of a training set: CSV with `file_name` and `real_age`."""

import csv
import dataclasses
import pathlib

from training import errors

MAX_AGE_YEARS = 120.0
REQUIRED_COLUMNS = ("file_name", "real_age")


class LabelsError(errors.InputError):
    """A labels file cannot be used; the message says where and how to mend it."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What is known of one photo.

    Attributes:
      age_years: 0 to 120.
      source: Collection that it comes from; empty where not given.
      sex: For reporting errors by sex, never an input; empty where not given.
    """

    age_years: float
    source: str = ""
    sex: str = ""


def read_labels(path: pathlib.Path) -> dict[str, Label]:
    """Reads a labels file.

    Args:
      path: UTF-8 CSV with a header; `source` and `sex` are optional.

    Returns:
      Labels by `file_name`, as written.

    Raises:
      LabelsError: the file or a required column is missing, an age is no number
        from 0 to 120, or two rows give one photo different ages.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            for column in REQUIRED_COLUMNS:
                if column not in (rows.fieldnames or ()):
                    raise LabelsError(
                        f"{path}: no column {column!r}; the header must name "
                        f"{' and '.join(REQUIRED_COLUMNS)}"
                    )
            return _by_name(path, rows)
    except OSError as error:
        raise LabelsError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise LabelsError(f"{path}: is not a UTF-8 CSV file: {error}") from error


def _by_name(path: pathlib.Path, rows: "csv.DictReader[str]") -> dict[str, Label]:
    labels: dict[str, Label] = {}
    for row in rows:
        where = f"{path}:{rows.line_num}"
        name = row["file_name"]
        label = Label(
            age_years=_age(row["real_age"], where),
            source=row.get("source") or "",
            sex=row.get("sex") or "",
        )
        if labels.setdefault(name, label) != label:
            raise LabelsError(f"{where}: a second, different label for {name}")
    return labels


def _age(text: str | None, where: str) -> float:
    try:
        age_years = float(text or "")
    except ValueError as error:
        raise LabelsError(f"{where}: real_age is not a number: {text!r}") from error
    if not 0 <= age_years <= MAX_AGE_YEARS:
        raise LabelsError(
            f"{where}: real_age must be 0 to {MAX_AGE_YEARS:g} years. Received: {text}"
        )
    return age_years
