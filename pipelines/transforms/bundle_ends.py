"""What a step gives out at the end of a bundle of elements."""

from apache_beam.transforms import window
from apache_beam.utils import windowed_value


def emitted(value: object) -> windowed_value.WindowedValue:
    """Wraps what `finish_bundle` yields; every night is one global window."""
    everything = window.GlobalWindow()
    return windowed_value.WindowedValue(
        value, everything.max_timestamp(), (everything,)
    )
