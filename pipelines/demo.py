"""Shows the product on rendered trading days: `python -m pipelines.demo`.

Renders days of two stores, scores them with the bundled model, and prints what the
published tables say beside what was planted.
"""

import argparse
import json
import os
import pathlib
import secrets
import shutil
import sys
from collections.abc import Sequence

import pandas as pd

from pipelines import flags, sample_day, score, secret
from pipelines.domain import pseudonyms

_MARKER = ".tillage-demo"
_DATES = ("2026-11-20", "2026-11-21")
_STORES = 2
_TRANSACTIONS = 400


def main(argv: Sequence[str]) -> int:
    """Renders, scores and prints.

    Returns:
      Exit code: 2 for a folder that cannot be used, that of the first job that
      fails, else 0.
    """
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--folder",
        type=pathlib.Path,
        default=pathlib.Path("demo"),
        help="made anew by each demo (default: %(default)s)",
    )
    folder = parser.parse_args(argv).folder
    tills, warehouse = folder / "tills", folder / "warehouse"
    try:
        prepare(folder)
    except flags.UsageError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    os.environ.setdefault(secret.VARIABLE, secrets.token_hex(32))
    print(f"rendering {len(_DATES)} trading days of {_STORES} stores", flush=True)
    code = sample_day.main(_render_flags(tills))
    for date in _DATES:
        print(f"\nscoring {date}", flush=True)
        code = code or score.main(
            ["--input", str(tills), "--output", str(warehouse), "--date", date]
        )
    if code:
        return code
    print("\n".join(findings(tills, warehouse)))
    return 0


def prepare(folder: pathlib.Path) -> None:
    """Makes the folder of a demo, without what an earlier demo left there.

    Raises:
      flags.UsageError: it holds something, and no demo has made it; or it cannot be
        made.
    """
    marker = folder / _MARKER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not marker.exists():
            raise flags.UsageError(
                f"{folder} is not empty, and no demo has made it; give --folder one "
                "that is new or empty"
            )
        marker.touch()
        for old in (folder / "tills", folder / "warehouse"):
            if old.exists():
                shutil.rmtree(old)
    except OSError as error:
        raise flags.UsageError(f"{error.filename}: {error.strerror}") from error


def findings(tills: pathlib.Path, warehouse: pathlib.Path) -> list[str]:
    """Writes what the tables of a warehouse say about rendered days.

    Args:
      tills: Rendered days with their `truth/`.
      warehouse: Where they were published.

    Returns:
      Lines: age groups, the planted cashier beside the others, how close ages
      and matches are to the truth, and where the files are.
    """
    truth = json.loads((tills / "truth" / "plan.json").read_text())
    return [
        "",
        "Who bought (marketing/purchase_ages)",
        *_table(_age_groups(warehouse)),
        "",
        "Alcohol sold to young faces (audit/cashier_days)",
        *_table(_cashiers(warehouse, truth["careless_cashier_id"])),
        "  * planted: rarely asks for ID. A rate is a reason to look, not a verdict.",
        "",
        "Against the truth",
        *_against_truth(tills, warehouse),
        "",
        f"Tables: {warehouse.resolve()}/{{scores,marketing,audit,rejections,runs}}",
        f"Photos and purchases: {tills.resolve()}",
    ]


def _age_groups(warehouse: pathlib.Path) -> pd.DataFrame:
    lines = pd.read_parquet(warehouse / "marketing" / "purchase_ages")
    sales = lines[lines["line_type"] == "sale"]
    groups = sales.groupby(["age_group_order", "age_group"])
    table = groups.agg(
        baskets=("basket_id", "nunique"), lines=("basket_id", "size")
    ).assign(spend_eur=groups["amount"].sum().astype(float).round(2))
    shares = sales["category"].value_counts(normalize=True)
    favourites = pd.Series({group: _favourite(rows, shares) for group, rows in groups})
    return (
        table.assign(favourite=favourites)
        .reset_index("age_group")
        .reset_index(drop=True)
    )


def _favourite(sales: pd.DataFrame, shares: pd.Series) -> str:
    index = 100 * sales["category"].value_counts(normalize=True) / shares
    return f"{index.idxmax()} (index {index.max():.0f})"


def _cashiers(warehouse: pathlib.Path, planted: str) -> pd.DataFrame:
    days = pd.read_parquet(warehouse / "audit" / "cashier_days")
    names = _planted_names(planted, days["store_id"].unique().tolist())
    table = (
        days.dropna(subset=["cashier_id"])
        .groupby(["store_id", "cashier_id"])[["eligible_sales", "unchecked_sales"]]
        .sum()
        .reset_index()
    )
    rate = 100 * table["unchecked_sales"] / table["eligible_sales"]
    is_planted = table["cashier_id"].isin(names)
    return table.assign(
        unchecked_percent=rate.round(1), planted=is_planted.map({True: "*", False: ""})
    ).sort_values("unchecked_percent", ascending=False)


def _planted_names(planted: str, stores: Sequence[str]) -> list[str]:
    keyed = pseudonyms.Pseudonyms(os.environ[secret.VARIABLE].encode())
    return [keyed.cashier(store, planted) for store in stores]


def _against_truth(tills: pathlib.Path, warehouse: pathlib.Path) -> list[str]:
    photos = pd.read_parquet(warehouse / "scores" / "photo_ages").astype({"date": str})
    truth = pd.concat(
        pd.read_parquet(tills / "truth" / f"date={date}" / "photos.parquet").assign(
            date=date
        )
        for date in _DATES
    )
    both = photos.merge(truth, on=["date", "photo"], suffixes=("", "_true"))
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


def _render_flags(tills: pathlib.Path) -> list[str]:
    return [
        f"--output={tills}",
        f"--date={_DATES[0]}",
        f"--days={len(_DATES)}",
        f"--stores={_STORES}",
        f"--transactions-per-store={_TRANSACTIONS}",
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
