"""Checks a set of labelled photos before anything is trained on it.

Run it as `tillage inspect --images photos.tar --labels labels.csv --output DIR`.
"""

import sys
from collections.abc import Sequence

from pipelines.pages import page
from training import errors, flags
from training.inspection import (
    advice,
    figures,
    files,
    findings,
    gallery,
    options,
    picture_report,
    report,
    scan,
    settings,
)

_PAGE = "inspection.html"


def main(argv: Sequence[str]) -> int:
    """Runs one inspection.

    Args:
      argv: Flags.

    Returns:
      Exit code: 0 inspected, 2 bad usage or input.
    """
    try:
        config = options.parse(argv)
        found = inspect(config)
    except errors.InputError as error:
        print(f"tillage inspect: {error}", file=sys.stderr)
        return 2
    print("\n".join(summary(found, config)))
    return 0


def inspect(config: settings.InspectConfig) -> figures.Inspected:
    """Looks at a set and writes its report into a folder.

    Raises:
      errors.InputError: photos or labels cannot be read, or have no name in common.
    """
    flags.make_report_folder(config.output)
    scanned = scan.scan(config)
    if not scanned.seen:
        raise errors.InputError(_nothing_in_common(scanned))
    found = figures.Inspected(
        scanned=scanned,
        listed=findings.find(scanned, config),
        splits=figures.deal(scanned.seen),
    )
    _write(found, config)
    return found


def summary(found: figures.Inspected, config: settings.InspectConfig) -> list[str]:
    """Says what was found.

    Returns:
      Lines such as `kept 18,120 of 20,228 photos`, each finding with its count, then
      the advice and where the report is.
    """
    read, kept = len(found.scanned.seen), int(found.is_kept.sum())
    counts = {
        kind.title: sum(one.kind == kind.name for one in found.listed)
        for kind in findings.KINDS
    }
    return [
        f"kept {kept:,} of {read:,} photos",
        *(f"{count:>9,}  {title}" for title, count in counts.items() if count),
        *(f"- {sentence}" for sentence in advice.advise(found)),
        f"report: {config.output / _PAGE}",
    ]


def _write(found: figures.Inspected, config: settings.InspectConfig) -> None:
    shown = picture_report.select(found, config.pictures_per_group)
    photos = gallery.fetch(found.scanned.seen, shown.rows())
    text = page.render(report.make(found, shown, photos))
    try:
        files.write(found, config.output)
        (config.output / _PAGE).write_text(text, encoding="utf-8")
    except OSError as error:
        raise errors.InputError(
            f"--output {config.output}: cannot be written: {error.strerror}"
        ) from error


def _nothing_in_common(scanned: scan.Scan) -> str:
    labels = len(scanned.orphans) + len(scanned.bad_labels)
    example = scanned.strangers[0].path if scanned.strangers else "none"
    named = scanned.orphans[0][1] if scanned.orphans else "none"
    return (
        f"no photo has a label: photos {len(scanned.strangers)} (first: {example}), "
        f"labels {labels} (first: {named}); file_name must be a photo's path below "
        "--images, or its bare name"
    )
