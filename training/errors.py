"""The error of a training run that its user can mend."""


class InputError(Exception):
    """Something given cannot be used; the message says what, where and why."""
