"""The errors of training jobs that end with one clear line."""


class InputError(Exception):
    """Something given cannot be used; the message says what, where and why."""


class RefusedError(Exception):
    """A run failed its own checks; the message says which, and how to go on."""
