"""Writes a report: page, workbook, CSV and Parquet in one folder."""

import json

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.inference import bundle as bundles
from pipelines.pages import page as pages
from pipelines.reporting import answers, files, outputs, page, workbook

PAGE, WORKBOOK = "report.html", "report.xlsx"


def write(found: answers.Answers, bundle: bundles.Bundle) -> None:
    """Writes a report whole, in the place of an older one.

    Args:
      found: The answers; their settings say where.
      bundle: That the figures are corrected by.

    Raises:
      files.OutputError, roots.StorageError: see `outputs.replacing`.
    """
    tables = found.tables()
    settings = json.loads(found.settings.to_json())
    used = {
        "model": bundle.version,
        "eligible_probability": found.eligible_probability,
    }
    record = {"settings": settings, "notes": found.notes, **used}
    made = page.make(found)
    facts = workbook.Facts(
        title=made.title,
        notes=found.notes,
        settings={**settings, **used},
        last_day=found.settings.last_day,
    )
    with outputs.replacing(
        found.settings.output, json.dumps(record, indent=1, sort_keys=True) + "\n"
    ) as folder:
        files.write_tables(folder, tables)
        workbook.write(folder / WORKBOOK, tables, facts)
        (folder / PAGE).write_text(pages.render(made), encoding="utf-8")


def summary(found: answers.Answers) -> list[str]:
    """Says what was found.

    Returns:
      Lines such as `reliable differences      12`, then the notes.
    """
    statuses = found.cashier_audit["status"]
    reviews = pc.sum(pc.equal(statuses, "review")).as_py() or 0
    alarms = pc.sum(found.store_drift["is_alarm"]).as_py() or 0
    figures = {
        "report": f"{found.settings.output.rstrip('/')}/{PAGE}",
        "days": f"{len(found.dates)} of {found.settings.num_days} published",
        "reliable differences": pc.sum(found.age_group_affinity["reliable"]).as_py()
        or 0,
        "offers": found.offers.num_rows,
        "cashiers to review": f"{reviews} of {found.cashier_audit.num_rows}",
        "sales to minors": _minors(found.minors),
        "camera alarms": alarms,
    }
    return [f"{name:<22}  {value}" for name, value in figures.items()] + list(
        found.notes
    )


def _minors(table: pa.Table) -> str:
    row = table.to_pylist()[0]
    if not row["num_sales"]:
        return "no restricted sale has a known age"
    if not row["is_identified"]:
        return f"at most {row['high_sales']:,.0f} of {row['num_sales']:,}"
    return (
        f"about {row['sales']:,.0f} ({row['low_sales']:,.0f} to "
        f"{row['high_sales']:,.0f}) of {row['num_sales']:,}"
    )
