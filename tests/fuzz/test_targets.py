"""A short, always equal run of each target; `make fuzz` is the long one."""

import hypothesis
import pytest

from tests.fuzz import targets


@pytest.mark.parametrize("name", targets.ALL)
def test_holds_for_whatever_is_sent(name):
    target = targets.ALL[name]

    @hypothesis.settings(
        max_examples=30,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(target.inputs)
    def holds(given):
        target.check(given)

    holds()
