"""What the report of a demo says, beside what was planted in its rendered days."""

import json
import os
import pathlib
from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipelines import secret
from pipelines.domain import pseudonyms

PLANTED = "*"
"""Marks what was planted."""

_LEAST_SHARED_YEARS = 5


def lines(folder: pathlib.Path) -> list[str]:
    """Writes what a report says about rendered days.

    Args:
      folder: Holds `tills` with their `truth/`, the `warehouse` and the `report`.

    Returns:
      Lines: offers of each age group, the planted cashier beside the others, how
      close ages and matches are to the truth, and where the files are.
    """
    plan = json.loads((folder / "tills" / "truth" / "plan.json").read_text())
    tables = folder / "report" / "parquet"
    offers = offers_beside_plan(
        pd.read_parquet(tables / "offers.parquet"), plan["preferences"]
    )
    cashiers = cashiers_beside_plan(
        pd.read_parquet(tables / "cashier_audit.parquet"), plan["careless_cashier_id"]
    )
    return [
        "",
        "What to offer whom (offers)",
        *_table(offers),
        f"  {PLANTED} planted: people of these ages like it. Indices over 100: bought "
        "more often than by all customers.",
        *_without_offers(tables),
        "",
        "Alcohol sold to young faces (cashier_audit)",
        *_table(cashiers),
        f"  {PLANTED} planted: rarely asks for ID. `review` is a reason to look, not a "
        "verdict.",
        "",
        "Against the truth",
        *_against_truth(folder),
        "",
        f"Report: {(folder / 'report' / 'report.html').resolve()}",
        f"Tables: {(folder / 'warehouse').resolve()}"
        "/{scores,marketing,audit,rejections,runs}",
        f"Photos and purchases: {(folder / 'tills').resolve()}",
    ]


def _without_offers(tables: pathlib.Path) -> list[str]:
    """Says why an age group may have no offer."""
    affinity = pd.read_parquet(tables / "age_group_affinity.parquet")
    corrected = affinity.groupby("age_group")["corrected_index"].count()
    return [
        f"  {age_group}: no index can be told. Ages of drawn faces are told apart more "
        "easily than those of\n  the real ones that the model's errors were counted on."
        for age_group in corrected[corrected == 0].index
    ]


def offers_beside_plan(
    offers: pd.DataFrame, preferences: Sequence[dict[str, Any]]
) -> pd.DataFrame:
    """Marks the offers that were planted.

    Args:
      offers: Rows of `schemas.offers`.
      preferences: Of the plan: `product_id`, and `low_age` to `high_age` in years.

    Returns:
      A row an offer; planted where people of at least five of the group's ages like
      the product.
    """
    planted = [
        any(
            liking["product_id"] == product_id and _is_shared(liking, age_group)
            for liking in preferences
        )
        for product_id, age_group in zip(
            offers["product_id"], offers["age_group"], strict=True
        )
    ]
    return pd.DataFrame(
        {
            "ages": offers["age_group"],
            "rank": offers["rank"],
            "product": offers["product_name"],
            "baskets": offers["baskets"],
            "index": offers["corrected_index"].round().astype(int),
            "at_least": offers["corrected_index_low"].round().astype(int),
            "planted": _marks(planted),
        }
    )


def cashiers_beside_plan(audit: pd.DataFrame, planted: str) -> pd.DataFrame:
    """Marks the cashier who was planted.

    Args:
      audit: Rows of `schemas.cashier_audit`.
      planted: Id of that cashier at the tills.

    Returns:
      A row a cashier, those first who sell most unchecked.
    """
    keyed = pseudonyms.Pseudonyms(os.environ[secret.VARIABLE].encode())
    names = [keyed.cashier(store, planted) for store in audit["store_id"].unique()]
    rows = audit.sort_values(
        ["ratio", "cashier_id"], ascending=[False, True], na_position="last"
    )
    return pd.DataFrame(
        {
            "store": rows["store_id"],
            "cashier": rows["cashier_id"].str[:8],
            "young_faces": rows["eligible_sales"],
            "unchecked": rows["unchecked_sales"],
            "expected": rows["expected_unchecked"].round(1),
            "periods_beyond": rows["periods_beyond"],
            "status": rows["status"],
            "planted": _marks(rows["cashier_id"].isin(names)),
        }
    )


def _is_shared(liking: dict[str, Any], age_group: str) -> bool:
    low, high = _ages(age_group)
    shared = min(high, liking["high_age"]) - max(low, liking["low_age"]) + 1
    return shared >= _LEAST_SHARED_YEARS


def _ages(age_group: str) -> tuple[int, int]:
    """Reads `<25`, `25-59`, `60+` as years, both inclusive."""
    if age_group.startswith("<"):
        return 0, int(age_group[1:]) - 1
    if age_group.endswith("+"):
        return int(age_group[:-1]), 120
    low, high = age_group.split("-")
    return int(low), int(high)


def _marks(planted: Sequence[bool] | pd.Series) -> list[str]:
    return [PLANTED if is_planted else "" for is_planted in planted]


def _against_truth(folder: pathlib.Path) -> list[str]:
    photos = pd.read_parquet(folder / "warehouse" / "scores" / "photo_ages")
    days = sorted((folder / "tills" / "truth").glob("date=*"))
    truth = pd.concat(
        pd.read_parquet(day / "photos.parquet").assign(date=day.name.split("=")[1])
        for day in days
    )
    both = photos.astype({"date": str}).merge(
        truth, on=["date", "photo"], suffixes=("", "_true")
    )
    error = (both["age_years"] - both["true_age_years"]).abs()
    matched = both.dropna(subset=["transaction_id"])
    is_right = matched["transaction_id"] == matched["transaction_id_true"]
    found = both.loc[both["is_matchable"], "transaction_id"].notna()
    return [
        f"  mean absolute error of age  {error.mean():6.2f} years (rendered faces)",
        f"  matches that are right      {100 * is_right.mean():6.2f} %",
        f"  matchable photos matched    {100 * found.mean():6.2f} %",
    ]


def _table(rows: pd.DataFrame) -> list[str]:
    return [f"  {line}" for line in rows.to_string(index=False).splitlines()]
