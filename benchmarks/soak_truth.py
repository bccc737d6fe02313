"""Holds published days and their report against what was rendered."""

import dataclasses
import datetime
import pathlib
from collections.abc import Mapping
from typing import Any

import pandas as pd

from benchmarks import soak_days
from pipelines.domain import pseudonyms
from schemas import data_quality, store_drift

_LEAST_WITHIN_LIMITS = 3

Days = Mapping[datetime.date, soak_days.Sampled]


def day_faults(
    warehouse: pathlib.Path, day: datetime.date, sampled: soak_days.Sampled
) -> list[str]:
    """Compares a day's lines and demand totals with the tills'.

    A receipt whose photos show different people counts in no demand; the published
    lines tell which. All else must add up to what was sampled.

    Returns:
      One line a difference.
    """
    lines = _table(warehouse, "marketing/purchase_ages", day)
    demand = _table(warehouse, "marketing/demand_total", day)
    faults = []
    if len(lines) != len(sampled.lines):
        faults.append(f"{len(lines)} lines are published of {len(sampled.lines)}")
    is_mixed = lines["match_method"] == "mixed_people"
    mixed = _sums(lines[is_mixed & (lines["line_type"] == "sale")])
    sold = demand.groupby("store_id")[["lines", "spend"]].sum()
    counted = sold.add(mixed, fill_value=0)
    true = _sums(_sales(sampled.lines))
    if not counted.astype(float).round(2).equals(true.astype(float).round(2)):
        faults.append(f"demand is\n{counted}\nand was\n{true}")
    return faults


def clock_faults(warehouse: pathlib.Path, day: datetime.date) -> list[str]:
    """Looks for the register whose clock is off among the corrected ones."""
    run = _newest_run(warehouse, day)
    found = {
        (store["store_id"], register["register_id"]): register
        for store in run["store_health"]
        for register in store["registers"]
    }
    off = found[soak_days.DISTURBED_STORE, soak_days.OFF_REGISTER]
    is_near = (
        off["clock_status"] == "corrected"
        and abs(off["clock_offset_seconds"] - soak_days.OFF_SECONDS) < 60
    )
    return [] if is_near else [f"the clock that is off is taken as {off}"]


def camera_faults(
    warehouse: pathlib.Path, day: datetime.date, is_turned: bool
) -> list[str]:
    """Looks for the alarm of the cameras that hang upside down, and for no other such.

    Args:
      warehouse: Warehouse root.
      day: A published day.
      is_turned: Whether the disturbed store's cameras hang upside down on it.
    """
    rows = pd.DataFrame(list(_newest_run(warehouse, day)["store_drift"]))
    return _turned_faults(rows.assign(date=day), day if is_turned else None)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReportTruth:
    """What a report must say.

    Attributes:
      days: Published days.
      happened: What happened on which day.
      missing: Days that are not published.
      planted_cashier: Who rarely asks for ID, at store 0001.
      secret: Behind the pseudonyms.
    """

    days: Days
    happened: Mapping[str, datetime.date]
    missing: tuple[datetime.date, ...]
    planted_cashier: str
    secret: bytes

    def quality_faults(
        self, report: pathlib.Path, warehouse: pathlib.Path
    ) -> list[str]:
        """Compares photos, receipts, baskets and missing days."""
        rows = pd.read_parquet(report / "parquet" / "data_quality.parquet")
        stores = rows[rows["scope"] == data_quality.STORE].set_index("store_id")
        [total] = rows[rows["scope"] == data_quality.ALL_STORES].to_dict("records")
        photos = pd.DataFrame([each.photos for each in self.days.values()])
        lines = pd.concat(
            each.lines.assign(date=day) for day, each in self.days.items()
        )
        absent = int(soak_days.MISSING_STORE in self.happened)
        missed = stores["days_without_photos"].to_dict()
        pairs = {
            "photos": (stores["photos"].to_dict(), photos.sum().astype(int).to_dict()),
            "receipts": (total["transactions"], _num_receipts(lines)),
            "baskets": (
                total["baskets"],
                _num_receipts(_sales(lines)) - self._mixed_baskets(warehouse),
            ),
            "days published": (total["days_published"], len(self.days)),
            "days missing": (total["days_missing"], len(self.missing)),
            "days without photos": (
                missed,
                dict.fromkeys(missed, 0) | {soak_days.DISTURBED_STORE: absent},
            ),
        }
        faults = [
            f"{name} are {found} in the report, {true} in truth"
            for name, (found, true) in pairs.items()
            if found != true
        ]
        page = (report / "report.html").read_text()
        return faults + [
            f"the report does not name {day}, which is missing"
            for day in self.missing
            if day.isoformat() not in page
        ]

    def camera_day_faults(self, report: pathlib.Path) -> list[str]:
        """Looks for the day of the cameras upside down, and for no other such day."""
        rows = pd.read_parquet(report / "parquet" / "store_drift.parquet")
        return _turned_faults(rows, self.happened.get(soak_days.UPSIDE_DOWN))

    def cashier_faults(self, report: pathlib.Path) -> list[str]:
        """Looks for a review of the planted cashier, and of nobody else."""
        audit = pd.read_parquet(report / "parquet" / "cashier_audit.parquet")
        keyed = pseudonyms.Pseudonyms(self.secret)
        planted = keyed.cashier("0001", self.planted_cashier)
        reviewed = audit.loc[audit["needs_review"], "cashier_id"].tolist()
        num_within = int((audit["status"] == "within_limits").sum())
        if reviewed == [planted] and num_within >= _LEAST_WITHIN_LIMITS:
            return []
        columns = ["store_id", "cashier_id", "eligible_sales", "ratio", "status"]
        return [f"the planted cashier is {planted}:\n{audit[columns].to_string()}"]

    def _mixed_baskets(self, warehouse: pathlib.Path) -> int:
        lines = pd.concat(
            _table(warehouse, "marketing/purchase_ages", day).assign(date=day)
            for day in self.days
        )
        is_mixed = lines["match_method"] == "mixed_people"
        sold = lines[is_mixed & (lines["line_type"] == "sale")]
        return len(sold.groupby(["date", "store_id", "basket_id"]))


def _turned_faults(rows: pd.DataFrame, turned_on: datetime.date | None) -> list[str]:
    """Compares the alarms of turned cameras with the one that there must be, if any."""
    measured = rows[rows["measure"] == store_drift.TURNED]
    alarms = measured[measured["is_alarm"]]
    found = list(zip(alarms["date"], alarms["store_id"], strict=True))
    store = soak_days.DISTURBED_STORE
    true = [] if turned_on is None else [(turned_on, store)]
    says = f"Photos of store {store} are upside down"
    is_said = alarms["sentence"].str.contains(f"^{says}.*since {turned_on}").all()
    if len(measured) and found == true and is_said:
        return []
    columns = ["date", "store_id", "value", "status", "sentence"]
    return [f"cameras upside down are taken as\n{measured[columns].to_string()}"]


def _table(warehouse: pathlib.Path, table: str, day: datetime.date) -> pd.DataFrame:
    files = sorted((warehouse / table / f"date={day}").glob("*.parquet"))
    return pd.concat(pd.read_parquet(file, partitioning=None) for file in files)


def _newest_run(warehouse: pathlib.Path, day: datetime.date) -> dict[str, Any]:
    runs = _table(warehouse, "runs", day)
    newest: dict[str, Any] = runs.sort_values("run_id").iloc[-1].to_dict()
    return newest


def _sales(lines: pd.DataFrame) -> pd.DataFrame:
    is_sale = (lines["line_type"] == "sale") & (lines["id_check"] != "refused_sale")
    return lines[is_sale]


def _sums(sales: pd.DataFrame) -> pd.DataFrame:
    by_store = sales.groupby("store_id")["amount"]
    return pd.DataFrame({"lines": by_store.size(), "spend": by_store.sum()})


def _num_receipts(lines: pd.DataFrame) -> int:
    keys = ["date", "store_id", "register_id", "transaction_id"]
    return len(lines.groupby(keys))
