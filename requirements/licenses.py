"""Checks licences of what a nightly job installs: `python requirements/licenses.py`.

Every package of `core.lock` must declare licences that allow commercial use without
opening one's own code. What a package declares is believed; binaries inside a wheel may
bring others, such as FFmpeg (LGPL-2.1) in OpenCV's.
"""

import importlib.metadata
import pathlib
import re
import sys

_ALLOWED = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0"),
        *("ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Zlib"),
    }
)
# How packages without an SPDX expression say it.
_SPDX = {
    "2-clause BSD": "BSD-2-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 3-Clause License": "BSD-3-Clause",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_LOCK = pathlib.Path(__file__).with_name("core.lock")


def names(lock: str) -> list[str]:
    """Lists the packages of a lock file."""
    return re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)


def declared(about: importlib.metadata.PackageMetadata) -> list[str]:
    """Names the licences that a package declares, as SPDX where they are known."""
    if expression := about.get("License-Expression"):
        return re.split(r" (?:AND|OR) ", expression.replace("(", "").replace(")", ""))
    classifiers = about.get_all("Classifier") or []
    said = [one.split(" :: ")[-1] for one in classifiers if one.startswith("License")]
    said = said or [(about.get("License") or "nothing").strip().splitlines()[0]]
    return [
        _SPDX.get(part, part) for one in said for part in re.split(r" (?:AND|OR) ", one)
    ]


def main() -> int:
    """Prints each package with its licences.

    Returns:
      0, or 1 where one is not allowed or not installed.
    """
    is_fine = True
    for name in names(_LOCK.read_text()):
        try:
            found = declared(importlib.metadata.metadata(name))
        except importlib.metadata.PackageNotFoundError:
            found = ["not installed"]
        is_allowed = _ALLOWED.issuperset(found)
        is_fine &= is_allowed
        print(f"{name:<28}{', '.join(found)}{'' if is_allowed else '  NOT ALLOWED'}")
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
