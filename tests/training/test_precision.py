import os

import pytest

from training import precision


@pytest.mark.parametrize(
    ("asked", "computed"), [("float32", "float32"), ("bfloat16", "bfloat16")]
)
def test_what_is_asked_for_is_computed_with(asked, computed):
    policy = precision.policy(asked)

    assert policy.compute_dtype == computed
    assert policy.variable_dtype == "float32"


def test_auto_is_one_of_the_two():
    assert precision.policy("auto").compute_dtype in ("float32", "bfloat16")


def test_the_device_is_described():
    described = precision.device()

    if not precision.has_gpu():
        assert described.startswith(f"{len(os.sched_getaffinity(0))} CPU cores (")
