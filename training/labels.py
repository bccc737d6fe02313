"""Reads the labels of a set of photos: CSV with `file_name` and `real_age`."""

import csv
import dataclasses
import pathlib
from collections.abc import Mapping, Sequence

from pipelines.domain import splits
from training import errors

MAX_AGE_YEARS = 120.0
REQUIRED_COLUMNS = ("file_name", "real_age")
SPLIT_COLUMN = "split"


class LabelsError(errors.InputError):
    """A labels file cannot be used; the message says where and how to mend it."""


class _RowError(Exception):
    """One row cannot be used; the message says why."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What is known of one photo.

    Attributes:
      age_years: 0 to 120.
      columns: Every further column of the file but `split`, as written, in the
        order of the header. For reporting errors by group, never an input.
      split: One of `pipelines.domain.splits.SPLITS` that the file asks for; empty
        where it does not.
    """

    age_years: float
    columns: Mapping[str, str] = dataclasses.field(default_factory=dict)
    split: str = ""

    @property
    def source(self) -> str:
        """Collection that the photo comes from; empty where not given."""
        return self.columns.get("source", "")

    @property
    def sex(self) -> str:
        """As labelled; empty where not given."""
        return self.columns.get("sex", "")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One row that cannot be used.

    Attributes:
      line: Of the file, the header being 1.
      file_name: As written; may be empty.
      reason: Such as `real_age is not a number: 'young'`.
    """

    line: int
    file_name: str
    reason: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ScannedLabels:
    """What a labels file holds, good and bad.

    Attributes:
      labels: By `file_name`; of two that differ, the first.
      problems: By line, ascending.
    """

    labels: Mapping[str, Label]
    problems: Sequence[Problem]


def read_labels(path: pathlib.Path) -> dict[str, Label]:
    """Reads a labels file.

    Args:
      path: UTF-8 CSV with a header; further columns are optional.

    Returns:
      Labels by `file_name`, as written.

    Raises:
      LabelsError: the file or a required column is missing, an age is no number
        from 0 to 120, a split is unknown, or two rows differ on one photo.
    """
    scanned = scan_labels(path)
    for problem in scanned.problems:
        raise LabelsError(f"{path}:{problem.line}: {problem.reason}")
    return dict(scanned.labels)


def scan_labels(path: pathlib.Path) -> ScannedLabels:
    """Reads a labels file, setting bad rows apart.

    Raises:
      LabelsError: the file or a required column is missing.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            _check_header(path, rows.fieldnames or ())
            return _scanned(rows)
    except OSError as error:
        raise LabelsError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise LabelsError(f"{path}: is not a UTF-8 CSV file: {error}") from error


def _check_header(path: pathlib.Path, header: Sequence[str]) -> None:
    for column in REQUIRED_COLUMNS:
        if column not in header:
            raise LabelsError(
                f"{path}: no column {column!r}; the header must name "
                f"{' and '.join(REQUIRED_COLUMNS)}"
            )
    if twice := sorted({column for column in header if header.count(column) > 1}):
        raise LabelsError(f"{path}: two columns are named {twice[0]!r}; rename one")


def _scanned(rows: "csv.DictReader[str]") -> ScannedLabels:
    found: dict[str, Label] = {}
    problems = []
    for row in rows:
        try:
            _add(found, row)
        except _RowError as error:
            name = row["file_name"] or ""
            problems.append(
                Problem(line=rows.line_num, file_name=name, reason=str(error))
            )
    return ScannedLabels(labels=found, problems=problems)


def _add(found: dict[str, Label], row: Mapping[str, str | None]) -> None:
    name = row["file_name"]
    if not name:
        raise _RowError("file_name is empty")
    label = Label(
        age_years=_age(row["real_age"]),
        columns=_further(row),
        split=_split(row.get(SPLIT_COLUMN) or ""),
    )
    known = found.setdefault(name, label)
    if known != label:
        ages = f"{known.age_years:g} and {label.age_years:g} years"
        raise _RowError(f"a second, different label for {name} ({ages})")


def _further(row: Mapping[str, str | None]) -> dict[str, str]:
    # The reader keeps cells beyond the header under None.
    taken = (*REQUIRED_COLUMNS, SPLIT_COLUMN, None)
    return {column: value or "" for column, value in row.items() if column not in taken}


def _age(text: str | None) -> float:
    try:
        age_years = float(text or "")
    except ValueError as error:
        raise _RowError(f"real_age is not a number: {text!r}") from error
    if not 0 <= age_years <= MAX_AGE_YEARS:
        raise _RowError(
            f"real_age must be 0 to {MAX_AGE_YEARS:g} years. Received: {text}"
        )
    return age_years


def _split(text: str) -> str:
    if text and text not in splits.SPLITS:
        raise _RowError(
            f"split must be one of {', '.join(splits.SPLITS)}, or empty. "
            f"Received: {text}"
        )
    return text
