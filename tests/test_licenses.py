"""The check of licences refuses what it should."""

import email.message
import importlib.util
import pathlib

import pytest

_PATH = pathlib.Path(__file__).parents[1] / "requirements" / "licenses.py"


@pytest.fixture(scope="module")
def licenses():
    spec = importlib.util.spec_from_file_location("licenses", _PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("said", "is_allowed"),
    [
        ({"License-Expression": "Apache-2.0 OR BSD-3-Clause"}, True),
        ({"License-Expression": "MIT AND GPL-3.0-or-later"}, False),
        ({"Classifier": "License :: OSI Approved :: BSD License"}, True),
        ({"Classifier": "License :: OSI Approved :: GNU Affero GPL v3"}, False),
        ({"License": "MPL-2.0 AND MIT"}, True),
        ({"License": "Proprietary"}, False),
        ({}, False),
    ],
)
def test_licences_are_allowed_by_name(licenses, said, is_allowed):
    about = email.message.Message()
    for name, value in said.items():
        about[name] = value

    assert licenses._ALLOWED.issuperset(licenses.declared(about)) == is_allowed


def test_every_package_of_the_lock_file_is_looked_at(licenses):
    lock = (_PATH.parent / "core.lock").read_text()

    assert len(licenses.names(lock)) == lock.count("==")
