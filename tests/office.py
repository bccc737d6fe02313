"""LibreOffice, run without a window."""

import pathlib
import shutil
import subprocess

import pytest

_NAMES = ("soffice", "libreoffice")


def convert(path: pathlib.Path, kind: str, folder: pathlib.Path) -> pathlib.Path:
    """Opens a file and saves it as another kind; skips the test without LibreOffice.

    Args:
      path: File to open.
      kind: Such as `pdf`.
      folder: For the result, and for LibreOffice's own files.

    Returns:
      The result.
    """
    name = next(filter(None, map(shutil.which, _NAMES)), None)
    if name is None:
        pytest.skip("no LibreOffice on PATH (looked for soffice)")
    profile = (folder / "profile").as_uri()
    ended = subprocess.run(
        [
            *(name, "--headless", "--norestore", f"-env:UserInstallation={profile}"),
            *("--convert-to", kind, "--outdir", str(folder), str(path)),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    result = folder / f"{path.stem}.{kind}"
    assert result.is_file(), ended.stderr
    return result
