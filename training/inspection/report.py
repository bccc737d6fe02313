"""The page of an inspection: what is in a set, and what is wrong with it."""

import collections
from collections.abc import Mapping

from pipelines.domain import pixels, splits
from pipelines.pages import page
from training.inspection import advice, age_report, figures, findings, picture_report

_TITLE = "Inspection of labelled photos"


def make(
    found: figures.Inspected,
    shown: picture_report.Selection,
    gallery: Mapping[int, pixels.Picture],
) -> page.Page:
    """Lays out the page.

    Args:
      found: What was found out.
      shown: Which photos to show.
      gallery: These photos, by row; those that are not there are left out.
    """
    sections = [
        page.Section(
            "What to do before training", [page.Bullets(advice.advise(found))]
        ),
        page.Section("What training keeps, and what it drops", _outcomes(found)),
        page.Section("Ages", age_report.blocks(found)),
        *picture_report.sample_sections(found, shown, gallery),
        *picture_report.suspicious_sections(found, shown, gallery),
        page.Section("Groups and sizes", _groups(found)),
        page.Section("Splits", _splits(found)),
    ]
    return page.Page(
        title=_TITLE,
        lead=_lead(found),
        sections=sections,
        footer="Made by tillage inspect. It holds photos of people: keep it as safe as "
        "the photos themselves.",
    )


def _lead(found: figures.Inspected) -> str:
    read, kept = len(found.scanned.seen), int(found.is_kept.sum())
    verdict = "would stop: see below" if found.stops else f"would use {kept:,} of them"
    ages_years = found.ages_years
    return (
        f"{read:,} photos with a label, of people of {ages_years.min():g} to "
        f"{ages_years.max():g} years. Training {verdict}."
    )


def _outcomes(found: figures.Inspected) -> list[page.Block]:
    read, kept = len(found.scanned.seen), int(found.is_kept.sum())
    doubtful = {one.row for one in found.listed if one.kind == "two_ages"}
    copies = {one.row for one in found.listed if one.kind.endswith("_duplicate")}
    key = page.KeyFigures(
        [
            page.KeyFigure(f"{read:,}", "photos with a label"),
            page.KeyFigure(f"{kept:,}", "kept", f"{kept / read:.1%}"),
            page.KeyFigure(f"{read - kept:,}", "dropped", f"{1 - kept / read:.1%}"),
            page.KeyFigure(f"{len(doubtful):,}", "photos with a twin of another age"),
            page.KeyFigure(f"{len(copies):,}", "photos with a twin of one age"),
        ]
    )
    return [key, *_kinds(found)]


def _kinds(found: figures.Inspected) -> list[page.Block]:
    counts = collections.Counter(one.kind for one in found.listed)
    absent = [kind.title.lower() for kind in findings.KINDS if not counts[kind.name]]
    table = page.Table(
        "What was found; a photo may stand in several rows",
        ("finding", "photos or labels", "what happens", "why, and what to do"),
        [_kind_row(found, kind) for kind in findings.KINDS if counts[kind.name]],
        (False, True, False, False),
    )
    none = page.Paragraph(f"Looked for, and not found: {', '.join(absent)}.")
    return [*([table] if table.rows else []), *([none] if absent else [])]


def _kind_row(found: figures.Inspected, kind: findings.Kind) -> tuple[str, ...]:
    mine = [one for one in found.listed if one.kind == kind.name]
    groups = {one.group for one in mine} - {None}
    return (
        kind.title,
        f"{len(mine):,}" + (f" in {len(groups):,} groups" if groups else ""),
        ", ".join(dict.fromkeys(one.outcome for one in mine)),
        kind.meaning,
    )


def _groups(found: figures.Inspected) -> list[page.Block]:
    return [age_report.sizes(found), *_columns(found)]


def _columns(found: figures.Inspected) -> list[page.Block]:
    return [
        page.Table(
            f"By {name}",
            (
                name,
                "photos",
                "kept",
                "mean age (years)",
                "60 and older",
                "median shorter side (px)",
            ),
            [_value_row(one) for one in figures.by_value(found, values)],
        )
        for name, values in found.columns().items()
    ]


def _value_row(one: figures.ValueCounts) -> tuple[str, ...]:
    return (
        one.value or "not given",
        f"{one.photos:,}",
        f"{one.kept:,}",
        "-" if one.mean_age_years is None else f"{one.mean_age_years:.1f}",
        f"{one.over_60_share:.1%}",
        "-" if one.median_shorter_px is None else f"{one.median_shorter_px:g}",
    )


def _splits(found: figures.Inspected) -> list[page.Block]:
    rows = [
        (one.age_group, *(f"{one.splits[name]:,}" for name in splits.SPLITS))
        for one in figures.by_age_group(found)
    ]
    totals = figures.splits_of(found)
    rows.append(("all", *(f"{totals[name]:,}" for name in splits.SPLITS)))
    return [
        page.Paragraph(
            "Photos are dealt by a stable hash of their names, alike within each band "
            "of five years; duplicates stay on one side. splits.csv holds the deal; "
            "give it as --labels to keep it when photos are added."
        ),
        page.Table(
            "Kept photos by age group and split",
            ("age group", *splits.SPLITS),
            rows,
        ),
    ]
