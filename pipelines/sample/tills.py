"""What a till logs: lines, corrections, and whether the buyer showed ID."""

import dataclasses
import decimal
from collections.abc import Sequence

import numpy as np

from pipelines.sample import catalogue, people

CHALLENGE_AGE = 25
"""Who looks younger is to be asked for ID."""
ATTENDANT_CHECK_RATE = 0.8
"""How often the attendant of a self-checkout asks young-looking buyers."""

_VOID_SHARE = 0.012
_JUDGEMENT_YEARS = 3.0
_NO_ID_SHARE = 0.06
# Who may be just over the limit is asked nearly as often as who is under it.
_ASKED_UNDER_30, _ASKED_OLDER = 0.9, 0.02


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a receipt; names as in `schemas.purchases.SCHEMA`."""

    line_number: int
    line_type: str
    product: catalogue.Product
    quantity: decimal.Decimal
    amount: decimal.Decimal
    id_check: str | None


def ring_up(
    rng: np.random.Generator,
    items: Sequence[catalogue.Item],
    age_years: int,
    check_rate: float,
    logs_id_checks: bool,
    brings_back: bool,
) -> tuple[Line, ...]:
    """Rings a basket up.

    Args:
      rng: Decides what goes wrong and who is asked for ID.
      items: The basket.
      age_years: The buyer's true age.
      check_rate: How often this cashier asks young-looking buyers for ID.
      logs_id_checks: Whether the till writes ID checks down.
      brings_back: The items are returned, unless one is age-restricted.

    Returns:
      Lines numbered from 1. A refused item is a line of quantity and amount 0.
    """
    is_restricted = any(item.product.is_restricted for item in items)
    if brings_back and not is_restricted:
        return tuple(
            _line(number, "return", item, -1) for number, item in enumerate(items, 1)
        )
    check = _id_check(rng, age_years, check_rate) if is_restricted else None
    lines: list[Line] = []
    for item in items:
        asked = check if item.product.is_restricted else None
        sign = 0 if asked == "refused_sale" else 1
        logged = asked if logs_id_checks else None
        lines.append(_line(len(lines) + 1, "sale", item, sign, logged))
        if not item.product.is_restricted and rng.random() < _VOID_SHARE:
            lines.append(_line(len(lines) + 1, "void", item, -1))
    return tuple(lines)


def _line(
    number: int,
    line_type: str,
    item: catalogue.Item,
    sign: int,
    id_check: str | None = None,
) -> Line:
    return Line(
        line_number=number,
        line_type=line_type,
        product=item.product,
        # Adding 0 turns -0 into 0.
        quantity=sign * item.quantity + 0,
        amount=sign * item.amount + 0,
        id_check=id_check,
    )


def _id_check(rng: np.random.Generator, age_years: int, check_rate: float) -> str:
    looks_years = age_years + rng.normal(0, _JUDGEMENT_YEARS)
    if looks_years < CHALLENGE_AGE:
        asks = check_rate
    else:
        asks = check_rate * (_ASKED_UNDER_30 if looks_years < 30 else _ASKED_OLDER)
    if rng.random() >= asks:
        return "not_checked"
    is_refused = age_years < people.ADULT_AGE or rng.random() < _NO_ID_SHARE
    return "refused_sale" if is_refused else "checked"
