"""Says what was rendered."""

from pipelines.sample import days, settings, shots


def lines(wanted: settings.SampleSettings, tally: days.Tally) -> list[str]:
    """Sums up a run for people.

    Returns:
      Lines such as:

        rendered 1 day from 2026-11-21, 2 stores, in /tmp/tills
          photos            742  shopper 706, two_people 8, empty 8, blurred 8, …
          matchable         640  photos that the rules lead to their receipt
          captures          297
          transactions      600  with 3,012 lines
          careless      C10002  the cashier who rarely asks for ID
    """
    kinds = {kind: tally.photos[kind] for kind in shots.KINDS if tally.photos[kind]}
    listed = ", ".join(f"{kind} {num:,}" for kind, num in kinds.items())
    others = tally.others
    return [
        f"rendered {_times(wanted.num_days, 'day')} from {wanted.first_day}, "
        f"{_times(wanted.num_stores, 'store')}, in {wanted.output}",
        _row("photos", f"{sum(kinds.values()):,}", listed),
        _row(
            "matchable",
            f"{tally.photos['matchable']:,}",
            "photos that the rules lead to their receipt",
        ),
        _row("captures", f"{others['captures']:,}", ""),
        _row(
            "transactions", f"{others['transactions']:,}", f"{others['lines']:,} lines"
        ),
        _row(
            "careless", tally.careless_cashier_id, "the cashier who rarely asks for ID"
        ),
    ]


def _row(name: str, value: str, note: str) -> str:
    return f"  {name:<12} {value:>9}  {note}".rstrip()


def _times(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
