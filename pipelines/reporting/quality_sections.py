"""Sections of a report's page: what the figures rest on."""

import collections
import datetime
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import drift_settings
from pipelines.pages import page
from pipelines.reporting import answers, charts, items, wording
from schemas import data_quality, store_drift

_MOST_ALARMS = 40
_MOST_TABLED = 200
_DRIFT = drift_settings.DriftSettings()
_JUDGED = {"usual", "alarm"}


def quality(found: answers.Answers) -> page.Section:
    """Lays out what became of the photos."""
    rows = found.data_quality.to_pylist()
    stores = [row for row in rows if row["scope"] == data_quality.STORE]
    with_photos = [row for row in stores if row["photos"]]
    blocks: list[page.Block] = [page.Paragraph(_missing(found))]
    if with_photos:
        drawn = sorted(
            sorted(with_photos, key=lambda row: -row["face_loss"])[
                : charts.MOST_STORES
            ],
            key=lambda row: row["store_id"],
        )
        blocks.append(charts.losses(drawn))
        if len(drawn) < len(with_photos):
            blocks.append(
                page.Paragraph(
                    f"Drawn are the {len(drawn)} stores that lose the largest share; "
                    f"all {len(with_photos):,} are in {wording.FILES}."
                )
            )
    return page.Section("Data quality", [*blocks, _table(rows[: _MOST_TABLED + 1])])


def missing_days(found: answers.Answers) -> list[datetime.date]:
    """Lists the days of the span that are not published."""
    first, published = found.settings.first_day, set(found.dates)
    span = (
        first + datetime.timedelta(number) for number in range(found.settings.num_days)
    )
    return [date for date in span if date not in published]


def _missing(found: answers.Answers) -> str:
    missing = missing_days(found)
    if not missing:
        return "Every day of the span is published."
    return (
        f"{wording.counted(len(missing), 'day')} of the span "
        f"{'is' if len(missing) == 1 else 'are'} not published and counted nowhere: "
        f"{wording.days(missing)}."
    )


def _table(rows: Sequence[items.Row]) -> page.Table:
    return page.Table(
        "Photos and receipts by store",
        [
            "store",
            "published days without its photos",
            "photos",
            "without a usable face",
            "faces matched to a receipt",
            "not matched",
            "two receipts fit",
            "registers with an unsure clock",
            "baskets",
            "with an age",
        ],
        [_row(row) for row in rows],
    )


def _row(row: items.Row) -> list[str]:
    return [
        row["store_id"] or "all stores",
        f"{row['days_without_photos']:,}",
        f"{row['photos']:,}",
        wording.number(row["face_loss"], "{:.1%}"),
        wording.number(row["match_rate"], "{:.1%}"),
        f"{row['unmatched']:,}",
        f"{row['ambiguous']:,}",
        f"{row['registers_untimed']:,}",
        f"{row['baskets']:,}",
        wording.number(row["age_known"], "{:.1%}"),
    ]


def drift(found: answers.Answers) -> page.Section:
    """Says which cameras no longer see what they used to."""
    alarms = _alarms(found.store_drift)
    blocks: list[page.Block] = [
        page.Paragraph(
            "Each day of a store is held against the store's own days before. A change "
            "is a reason to look at the camera, the light and the register, not at the "
            "customers or the cashiers; until it is explained, read that store's "
            "figures with care. By chance alone, a steady store gives an alarm on "
            f"about {_DRIFT.false_alarm_rate:.1%} of its days. Photos that are upside "
            "down or lie on their side are told of from the first day on."
        ),
        page.Bullets([*alarms[:_MOST_ALARMS], *_quiet(found.store_drift)]),
    ]
    if len(alarms) > _MOST_ALARMS:
        rest = f"{len(alarms) - _MOST_ALARMS:,} more changes are in {wording.FILES}."
        blocks.append(page.Paragraph(rest))
    return page.Section("Cameras against their own past", blocks)


def _alarms(drifts: pa.Table) -> list[str]:
    """Tells the latest alarm of each store and measure, by store."""
    latest: dict[tuple[str, str], items.Row] = {}
    num_days: collections.Counter[tuple[str, str]] = collections.Counter()
    for row in drifts.filter(drifts["is_alarm"]).to_pylist():
        key = row["store_id"], row["measure"]
        latest[key] = row
        num_days[key] += 1
    return [
        f"{wording.day(row['date'])}: {row['sentence']}"
        + (f" So on {num_days[key]:,} days." if num_days[key] > 1 else "")
        for key, row in sorted(latest.items())
    ]


def _quiet(drifts: pa.Table) -> Iterator[str]:
    """Tells of stores without an alarm: steady, or not judged."""
    stores: dict[str, set[str]] = {}
    # That photos are not turned does not tell that they are as before.
    is_told = pc.or_(
        pc.not_equal(drifts["measure"], store_drift.TURNED), drifts["is_alarm"]
    )
    told = drifts.filter(is_told)
    for store_id, status in zip(
        told["store_id"].to_pylist(), told["status"].to_pylist(), strict=True
    ):
        stores.setdefault(store_id, set()).add(status)
    steady = [one for one, said in stores.items() if said & _JUDGED == {"usual"}]
    unjudged = sorted(one for one, said in stores.items() if not said & _JUDGED)
    if not stores:
        yield "There is no day to compare."
    if steady:
        yield f"{wording.counted(len(steady), 'store')} without an alarm."
    if unjudged:
        named = ", ".join(unjudged[:_MOST_ALARMS])
        more = len(unjudged) - _MOST_ALARMS
        yield (
            f"Too few days or photos to judge "
            f"{wording.counted(len(unjudged), 'store')}: {named}"
            + (f" and {more:,} more." if more > 0 else ".")
        )
