"""What a value looks like, without saying it.

A row whose fields are shifted holds a cashier's id, or a customer's card, in any
column: a reason that quoted values would carry them into tables and logs. Its file and
line are named, where whoever may see the row can look it up.
"""

_SHOWN_CHARACTERS = 40


def shape(value: str) -> str:
    """Writes 9 for each digit and A or a for each letter, such as `'9,99 Aaa'`."""
    return repr("".join(map(_kind, value[:_SHOWN_CHARACTERS])))


def _kind(character: str) -> str:
    if character.isnumeric():
        return "9"
    if character.isupper():
        return "A"
    return "a" if character.isalnum() else character
