"""What an inspection leaves for programs: JSON and CSV files."""

import csv
import dataclasses
import json
import pathlib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from training import labels, study
from training.inspection import figures, findings, scan

INSPECTION, FINDINGS, SPLITS = "inspection.json", "findings.csv", "splits.csv"

_FINDING_COLUMNS = (
    "finding",
    "group",
    "file_name",
    "real_age",
    "gap_years",
    "outcome",
    "split",
    "detail",
)
_POINTS = {"min": 0, "p5": 5, "median": 50, "p95": 95, "max": 100}

Json = dict[str, object]


def write(found: figures.Inspected, folder: pathlib.Path) -> list[pathlib.Path]:
    """Writes all files of an inspection but its page.

    Returns:
      The labels files with a `split` column that it wrote: `splits.csv`, or one for
      each labels file where there were several.
    """
    text = json.dumps(to_json(found), indent=1, ensure_ascii=False)
    (folder / INSPECTION).write_text(text + "\n", encoding="utf-8")
    _write_rows(folder / FINDINGS, _FINDING_COLUMNS, _finding_rows(found))
    return _write_splits(found, folder)


def to_json(found: figures.Inspected) -> Json:
    """Sums up an inspection.

    Returns:
      Plain types only; ages in years, sizes in pixels and kilobytes (1,000 bytes),
      shares from 0 to 1.
    """
    columns = found.columns()
    return {
        "photos": len(found.scanned.seen),
        "kept": int(found.is_kept.sum()),
        "dropped": figures.dropped(found.scanned),
        "stops_training": [one.detail for one in found.stops],
        "findings": [_of_kind(found.listed, kind) for kind in findings.KINDS],
        "ages_years": _ages(found.kept_years),
        "by_age_group": [
            dataclasses.asdict(one) for one in figures.by_age_group(found)
        ],
        "empty_age_groups": figures.empty_groups(found),
        "thin_age_groups": figures.thin_groups(found),
        "age_histogram": _histogram(found),
        "sizes": _sizes(found.scanned.seen),
        "splits": figures.splits_of(found),
        **{
            f"by_{name}": [
                dataclasses.asdict(one) for one in figures.by_value(found, values)
            ]
            for name, values in columns.items()
        },
    }


def _of_kind(listed: Sequence[findings.Finding], kind: findings.Kind) -> Json:
    mine = [one for one in listed if one.kind == kind.name]
    outcomes = (findings.KEPT, findings.DROPPED, findings.STOPS)
    return {
        "kind": kind.name,
        "count": len(mine),
        "groups": len({one.group for one in mine} - {None}),
        **{
            name.replace(" ", "_"): sum(one.outcome == name for one in mine)
            for name in outcomes
        },
        "meaning": kind.meaning,
    }


def _ages(ages_years: figures.Floats) -> Json:
    if not len(ages_years):
        return {}
    return {
        **_points(ages_years),
        "mean": round(float(ages_years.mean()), 2),
        "whipple_index": figures.heaping(ages_years),
        "study_share_covered": round(study.covered_share(ages_years), 4),
    }


def _histogram(found: figures.Inspected) -> list[Json]:
    names = ("from_years", "photos", "kept", "study_photos")
    columns = (
        figures.BAND_EDGES_YEARS[:-1],
        figures.band_counts(found.ages_years),
        figures.band_counts(found.kept_years),
        figures.study_counts(),
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _sizes(seen: Sequence[scan.Seen]) -> Json:
    sides = figures.shorter_sides(seen)
    if not (sides > 0).any():
        return {}
    kilobytes = np.array([one.num_bytes for one in seen]) / 1e3
    return {
        "shorter_side_px": _points(sides[sides > 0]),
        "kilobytes": _points(kilobytes),
    }


def _points(values: npt.NDArray[np.number]) -> Json:
    points = np.percentile(values, list(_POINTS.values()))
    return {name: round(float(at), 1) for name, at in zip(_POINTS, points, strict=True)}


def _finding_rows(found: figures.Inspected) -> list[dict[str, object]]:
    return [
        {
            "finding": one.kind,
            "group": one.group,
            "file_name": one.file_name,
            "real_age": _age(one.age_years),
            "gap_years": _age(one.gap_years),
            "outcome": one.outcome,
            "split": "" if one.row is None else found.splits[one.row],
            "detail": one.detail,
        }
        for one in found.listed
    ]


def _write_splits(found: figures.Inspected, folder: pathlib.Path) -> list[pathlib.Path]:
    sources = list(dict.fromkeys(one.file.labels_file for one in found.scanned.seen))
    written = []
    for number, source in enumerate(sources, start=1):
        # Two labels files may use one name for two photos.
        name = SPLITS if len(sources) == 1 else f"splits-{number}-{source.stem}.csv"
        rows = [
            _split_row(one, split)
            for one, split in zip(found.scanned.seen, found.splits, strict=True)
            if one.file.labels_file == source and split
        ]
        if rows:
            _write_rows(folder / name, list(rows[0]), rows)
            written.append(folder / name)
    return written


def _split_row(one: scan.Seen, split: str) -> dict[str, object]:
    return {
        "file_name": one.name,
        "real_age": _age(one.label.age_years),
        **one.label.columns,
        labels.SPLIT_COLUMN: split,
    }


def _age(years: float | None) -> str:
    return "" if years is None else f"{years:.10g}"


def _write_rows(
    path: pathlib.Path, columns: Sequence[str], rows: Iterable[dict[str, object]]
) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
