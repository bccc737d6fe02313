"""Kinds of values in input files, and how each is read from text or typed columns.

Every conversion keeps the rows in order and leaves a null where a value cannot be
read; what was null stays null.
"""

import dataclasses
import decimal
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import local_times
from schemas import fields

MONEY_LIMIT = 10_000_000_000
"""Amounts stay below this, so that a day's sums fit 14 digits before the point."""

_PLAIN_DECIMAL = r"^[+-]?(?:\d{1,10}(?:\.\d{0,4})?|\.\d{1,4})$"
_WHOLE = r"^[+-]?\d{1,9}(?:\.0{0,9})?$"
# No path is longer; a name of megabytes would stand in every line of every table.
_MAX_TEXT_BYTES = 4_096
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_MONEY_STEP = decimal.Decimal("0.0001")
_WIDE = pa.decimal256(76, 20)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of values.

    Attributes:
      noun: What a value is, after "is not": `a decimal number`.
      takes: Tells whether an Arrow type may hold such values.
      convert: Converts a column of such a type.
    """

    noun: str
    takes: Callable[[pa.DataType], bool]
    convert: Callable[[pa.Array], pa.Array]


def money_from_units(
    units: npt.NDArray[np.int64], is_valid: npt.NDArray[np.bool_]
) -> pa.Array:
    """Makes a money column from ten-thousandths.

    Args:
      units: Ten-thousandths of the currency, shape `(n,)`.
      is_valid: False where the value is null.
    """
    halves = np.empty((len(units), 2), np.int64)
    halves[:, 0], halves[:, 1] = units, units >> 63
    buffers = [None, pa.py_buffer(halves.tobytes())]
    values = pa.Array.from_buffers(fields.MONEY, len(units), buffers)
    return pc.if_else(pa.array(is_valid), values, pa.scalar(None, fields.MONEY))


def by_distinct(values: pa.Array, function: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Applies a function to each distinct value once: logs repeat themselves."""
    distinct = values.dictionary_encode()
    return function(distinct.dictionary).take(distinct.indices)


def is_text(arrow_type: pa.DataType) -> bool:
    """Tells whether a type holds text, dictionary-encoded or not."""
    if pa.types.is_dictionary(arrow_type):
        arrow_type = arrow_type.value_type
    return (
        pa.types.is_string(arrow_type)
        or pa.types.is_large_string(arrow_type)
        or pa.types.is_string_view(arrow_type)
    )


def _to_money(values: pa.Array) -> pa.Array:
    if pa.types.is_string(values.type):
        return by_distinct(values, _text_to_money)
    if pa.types.is_floating(values.type):
        return _float_to_money(values)
    return _decimal_to_money(values)


def _text_to_money(texts: pa.Array) -> pa.Array:
    is_plain = pc.match_substring_regex(texts, _PLAIN_DECIMAL).fill_null(False)
    missing = pa.scalar(None, pa.string())
    money = pc.cast(pc.if_else(is_plain, texts, missing), fields.MONEY)
    others = np.flatnonzero(~np.asarray(is_plain) & np.asarray(texts.is_valid()))
    if not len(others):
        return money
    rounded = [_round_money(texts[row].as_py()) for row in others.tolist()]
    mask = np.zeros(len(texts), bool)
    mask[others] = True
    return pc.replace_with_mask(money, pa.array(mask), pa.array(rounded, fields.MONEY))


def _round_money(text: str) -> decimal.Decimal | None:
    try:
        value = decimal.Decimal(text)
    except decimal.InvalidOperation:
        return None
    if not value.is_finite() or abs(value) >= MONEY_LIMIT:
        return None
    return value.quantize(_MONEY_STEP, decimal.ROUND_HALF_EVEN)


def _float_to_money(values: pa.Array) -> pa.Array:
    numbers = np.asarray(values.fill_null(0.0), np.float64)
    is_usable = np.abs(numbers) < MONEY_LIMIT  # False for NaN, too
    units = np.rint(np.where(is_usable, numbers, 0) * 10_000).astype(np.int64)
    return money_from_units(units, is_usable & np.asarray(values.is_valid()))


def _decimal_to_money(values: pa.Array) -> pa.Array:
    wide = pc.cast(values, _WIDE)
    is_usable = pc.and_(
        pc.less(wide, MONEY_LIMIT), pc.greater(wide, -MONEY_LIMIT)
    ).fill_null(False)
    kept = pc.if_else(is_usable, wide, pa.scalar(None, wide.type))
    return pc.cast(pc.round(kept, 4, round_mode="half_to_even"), fields.MONEY)


def _takes_money(arrow_type: pa.DataType) -> bool:
    return (
        is_text(arrow_type)
        or _is_small_decimal(arrow_type)
        or pa.types.is_floating(arrow_type)
        or pa.types.is_integer(arrow_type)
    )


def _is_small_decimal(arrow_type: pa.DataType) -> bool:
    return (
        pa.types.is_decimal(arrow_type)
        and arrow_type.scale <= _WIDE.scale
        and arrow_type.precision - arrow_type.scale <= _WIDE.precision - _WIDE.scale
    )


def _whole(low: int, high: int, target: pa.DataType) -> Callable[[pa.Array], pa.Array]:
    def to_whole(values: pa.Array) -> pa.Array:
        if pa.types.is_string(values.type):
            is_whole = pc.match_substring_regex(values, _WHOLE)
            kept = pc.if_else(is_whole, values, pa.scalar(None, pa.string()))
            values = pc.cast(kept, pa.decimal128(30, 9))
        values = pc.cast(values, pa.int64(), safe=False)
        is_within = pc.and_(pc.greater_equal(values, low), pc.less_equal(values, high))
        kept = pc.if_else(is_within, values, pa.scalar(None, values.type))
        return pc.cast(kept, target)

    return to_whole


def _to_flag(values: pa.Array) -> pa.Array:
    if pa.types.is_boolean(values.type):
        return values
    places = pc.index_in(pc.utf8_lower(values), pa.array(list(_FLAGS)))
    return pa.array(list(_FLAGS.values())).take(places)


def _choice(allowed: Sequence[str]) -> Callable[[pa.Array], pa.Array]:
    return lambda values: pa.array(allowed).take(
        pc.index_in(pc.utf8_lower(values), pa.array(allowed))
    )


def _to_currency(values: pa.Array) -> pa.Array:
    is_code = pc.match_substring_regex(values, "^[A-Z]{3}$")
    return pc.if_else(is_code, values, pa.scalar(None, pa.string()))


def _to_short_text(values: pa.Array) -> pa.Array:
    is_short = pc.less_equal(pc.binary_length(values), _MAX_TEXT_BYTES)
    return pc.if_else(is_short, values, pa.scalar(None, pa.string()))


def _takes_time(arrow_type: pa.DataType) -> bool:
    if not pa.types.is_timestamp(arrow_type):
        return is_text(arrow_type)
    try:
        return not arrow_type.tz or bool(local_times.zone_of_column(arrow_type.tz))
    except local_times.UnknownZoneError:
        return False


def whole(low: int, high: int, target: pa.DataType) -> Kind:
    """Makes the kind of whole numbers from `low` to `high`, both included."""
    return Kind(
        noun=f"a whole number from {low} to {high}",
        takes=lambda arrow_type: is_text(arrow_type) or pa.types.is_integer(arrow_type),
        convert=_whole(low, high, target),
    )


def choice(allowed: Sequence[str]) -> Kind:
    """Makes the kind of one of a few words."""
    return Kind(
        noun=f"one of {', '.join(allowed)}", takes=is_text, convert=_choice(allowed)
    )


TEXT = Kind(
    noun=f"text of at most {_MAX_TEXT_BYTES:,} bytes",
    takes=is_text,
    convert=_to_short_text,
)
MONEY = Kind(noun="a decimal number", takes=_takes_money, convert=_to_money)
FLAG = Kind(
    noun="true or false",
    takes=lambda arrow_type: is_text(arrow_type) or pa.types.is_boolean(arrow_type),
    convert=_to_flag,
)
CURRENCY = Kind(noun="a code of three capitals", takes=is_text, convert=_to_currency)
TIME = Kind(noun="a time", takes=_takes_time, convert=lambda values: values)
