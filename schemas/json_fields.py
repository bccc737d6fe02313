"""Reads dataclasses from JSON, strictly: each field there, known and of its type."""

import collections.abc
import dataclasses
import math
import types
import typing
from typing import Any


class FieldError(ValueError):
    """A JSON value is not what its field asks for; the message names the field."""


def decode(kind: Any, found: object, where: str = "") -> Any:
    """Turns parsed JSON into a value of `kind`.

    Args:
      kind: A dataclass, `str`, `int`, `float`, a union of scalars, `tuple[X, ...]`
        or `Mapping[str, X]`.
      found: What `json.loads` gave.
      where: Path of the value, for messages.

    Returns:
      The value; lists become tuples. An int is taken for a float, no other
      conversion is made.

    Raises:
      FieldError: the value, or one inside it, is of another type, missing or not
        known; or a dataclass refused its values.
    """
    if dataclasses.is_dataclass(kind):
        return _object(kind, found, where)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        if not isinstance(found, list):
            raise _wrong(where, "a list", found)
        return tuple(
            decode(arguments[0], value, f"{where}[{index}]")
            for index, value in enumerate(found)
        )
    if origin is collections.abc.Mapping:
        if not isinstance(found, dict):
            raise _wrong(where, "an object", found)
        return {
            name: decode(arguments[1], value, f"{where}.{name}")
            for name, value in found.items()
        }
    return _scalar(arguments if origin is types.UnionType else (kind,), found, where)


def _object(kind: Any, found: object, where: str) -> Any:
    if not isinstance(found, dict):
        raise _wrong(where, "an object", found)
    hints = typing.get_type_hints(kind)
    for problem, names in (
        ("lacks", hints.keys() - found.keys()),
        ("has the unknown field", found.keys() - hints.keys()),
    ):
        if names:
            raise FieldError(f"{where or 'it'} {problem} {min(names)!r}")
    values = {
        name: decode(hint, found[name], f"{where}.{name}" if where else name)
        for name, hint in hints.items()
    }
    try:
        return kind(**values)
    except FieldError:
        raise
    except ValueError as error:
        raise FieldError(f"{where or 'it'}: {error}") from error


def _scalar(kinds: tuple[Any, ...], found: object, where: str) -> Any:
    # To Python, True is an int; to a reader of the file, it is not.
    if type(found) in kinds:
        if isinstance(found, float) and not math.isfinite(found):
            raise _wrong(where, "a finite number", found)
        return found
    if type(found) is int and float in kinds:
        return float(found)
    names = " or ".join(kind.__name__ for kind in kinds)
    raise _wrong(where, f"of type {names}", found)


def _wrong(where: str, must_be: str, found: object) -> FieldError:
    return FieldError(f"{where or 'it'} must be {must_be}. Received: {found!r:.80}")
