"""A small chain whose report is known: who buys what, and who does not ask for ID."""

import dataclasses
import datetime
import pathlib

import numpy as np

from pipelines.domain import ages
from pipelines.inference import bundle as bundles
from schemas import fields
from tests import tiny_bundle
from tests.reporting import warehouses

NUM_DAYS = 3
FIRST, LAST = warehouses.day(0), warehouses.day(NUM_DAYS - 1)
YOUNG_YEARS, OLD_YEARS = 21.0, 52.0
PLANTED = "cashier-3"
STORES = ("0001", "0002")

_CASHIERS = 5
_SALES = 60
_AGES_BY_GROUP = (20.0, 35.0, 55.0, 70.0)
_RECEIPTS_BY_GROUP = 60


def make_bundle(folder: pathlib.Path, **changes) -> bundles.Bundle:
    """Writes a bundle that a report can read; its model is never run."""
    known = tiny_bundle.card().band_confusion
    many = tuple(tuple(40 * count for count in row) for row in known.counts)
    changes.setdefault("band_confusion", dataclasses.replace(known, counts=many))
    folder.mkdir(parents=True)
    for name in bundles.REQUIRED:
        (folder / name).write_text(f"{name}\n")
    tiny_bundle.sign(folder, **changes)
    return bundles.load(str(folder))


def distribution(age_years: float, sigma_years: float = 2.0) -> list[int]:
    """Gives weights about an age."""
    bins = np.arange(fields.NUM_AGES)
    shares = np.exp(-(((bins - age_years) / sigma_years) ** 2) / 2)
    [weights] = ages.to_weights(shares[None] / shares.sum())
    return weights.tolist()


def sales_lines() -> list[dict]:
    """A day's receipts: cola is for the young, tea for the old, bread for all."""
    rows, receipt = [], 0
    for order, age in enumerate(_AGES_BY_GROUP):
        for number in range(_RECEIPTS_BY_GROUP):
            bought = ["bread"] if number % 2 else []
            bought += ["cola"] if _wants(order == 0, number) else []
            bought += ["tea"] if _wants(order == 3, number) else []
            bought += ["beer"] if number % 4 == 0 else []
            rows += [
                {
                    "store_id": STORES[number % 2],
                    "receipt": receipt,
                    "age": age,
                    "product_id": name,
                    "category": name,
                }
                for name in bought or ["milk"]
            ]
            receipt += 1
    return rows


def _wants(is_favourite: bool, number: int) -> bool:
    """Tells whether a receipt holds an item: two of three, or one of six."""
    return number % 3 != 0 if is_favourite else number % 6 == 0


def restricted(is_logged: bool = True, **changes) -> list[dict]:
    """A day's restricted sales: half to the young; one cashier asks for no ID."""
    return [
        _sale(store, f"cashier-{cashier}", number, is_logged) | changes
        for store in STORES
        for cashier in range(_CASHIERS)
        for number in range(_SALES)
    ]


def _sale(store: str, cashier: str, number: int, is_logged: bool) -> dict:
    is_young = number % 2 == 0
    is_planted = (store, cashier) == (STORES[0], PLANTED)
    is_asked = number % 10 == 4 if is_planted else number % 10 != 0
    check = ("checked" if is_asked else "not_checked") if is_logged else None
    status = "not_eligible"
    if is_young:
        status = {None: "not_logged", "not_checked": "needs_review"}.get(
            check, "within_rules"
        )
    return {
        "store_id": store,
        "sale_id": f"{store}-{cashier}-{number}",
        "cashier_id": cashier,
        "register_group": "attended",
        "local_hour": 17 + number % 3,
        "legal_age_years": 18,
        "challenge_age_years": 25,
        "p_under_legal_age": 0.1 if is_young else 0.0,
        "p_under_challenge_age": 0.97 if is_young else 0.0,
        "age_distribution": distribution(YOUNG_YEARS if is_young else OLD_YEARS),
        "id_check": check,
        "eligible": is_young,
        "review_status": status,
    }


def publish(
    root: pathlib.Path,
    bundle: bundles.Bundle,
    *,
    days: int = NUM_DAYS,
    is_logged: bool = True,
    settings_json: str = '{"joining": {"eligible_probability": 0.5}}',
) -> pathlib.Path:
    """Publishes some days of the chain; gives the warehouse."""
    root.mkdir(parents=True)
    lines, sales = sales_lines(), restricted(is_logged)
    for number in range(days):
        publish_day(root, bundle, warehouses.day(number), lines, sales, settings_json)
    return root


def publish_day(
    root: pathlib.Path,
    bundle: bundles.Bundle,
    date: datetime.date,
    lines: list[dict],
    sales: list[dict],
    settings_json: str,
) -> None:
    """Publishes one day, anew if it is there."""
    warehouses.publish_day(
        root,
        date,
        sales=lines,
        restricted=sales,
        model=(bundle.card.name, bundle.sha256),
        settings_json=settings_json,
    )


def flags(warehouse: pathlib.Path, bundle: bundles.Bundle, output: object) -> list[str]:
    """Gives the flags of a report of the chain, a day a period."""
    return [
        f"--warehouse={warehouse}",
        f"--bundle={bundle.folder}",
        f"--output={output}",
        f"--from={FIRST}",
        f"--to={LAST}",
        "--period-days=1",
        "--min-eligible-sales=20",
        "--min-expected=1",
        "--bootstrap-draws=40",
    ]
