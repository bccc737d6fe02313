import dataclasses
import pathlib

import cv2
import numpy as np
import pytest

from tests.training import builders
from training import config
from training.inspection import figures, findings, scan, settings


def soft(seed: int, size_px: int = 90) -> np.ndarray:
    """Draws soft shapes in colour, as photos have them; BGR."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (7, 6, 3)).astype(np.uint8)
    return cv2.resize(coarse, (size_px, size_px + 10), interpolation=cv2.INTER_CUBIC)


def grey_of(picture: np.ndarray) -> np.ndarray:
    """Takes the colour out."""
    return cv2.merge([cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)] * 3)


@dataclasses.dataclass
class Shelf:
    """A set of photos that a test fills."""

    folder: pathlib.Path
    rows: list = dataclasses.field(default_factory=list)

    def put(self, name: str, picture: np.ndarray, age_years=None, **columns) -> None:
        """Writes a photo, and its label unless it has none."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(path), picture)
        if age_years is not None:
            self.rows.append({"file_name": name, "real_age": age_years, **columns})

    def label(self, name: str, age_years) -> None:
        """Writes a label alone."""
        self.rows.append({"file_name": name, "real_age": age_years})

    def labels(self) -> pathlib.Path:
        """Writes the labels file."""
        columns = list(dict.fromkeys(key for row in self.rows for key in row))
        return builders.write_labels(
            self.folder.parent / "labels.csv",
            [[row.get(column, "") for column in columns] for row in self.rows],
            columns,
        )

    def settings(self, **changes) -> settings.InspectConfig:
        """Gives the settings of an inspection of it."""
        return settings.InspectConfig(
            sources=(config.PhotoSource(images=self.folder, labels=self.labels()),),
            output=self.folder.parent / "report",
            **{"face_crop": "none"} | changes,
        )

    def inspected(self, **changes) -> figures.Inspected:
        """Inspects it, without a report."""
        asked = self.settings(**changes)
        found = scan.scan(asked)
        return figures.Inspected(
            scanned=found,
            listed=findings.find(found, asked),
            splits=figures.deal(found.seen),
        )


@pytest.fixture
def shelf(tmp_path) -> Shelf:
    (tmp_path / "photos").mkdir()
    return Shelf(tmp_path / "photos")


@pytest.fixture
def messy(shelf) -> Shelf:
    """A set with one of everything that can be wrong without faces."""
    shelf.put("plain.png", soft(1), 30, source="a")
    shelf.put("same.png", soft(2), 40, source="a")
    shelf.put("deeper/same_again.png", soft(2), 40, source="a")
    shelf.put("old.png", soft(3), 70, source="b")
    shelf.put("old_small.jpg", cv2.resize(soft(3), (70, 78)), 21, source="b")
    shelf.put("light.png", soft(4), 8, source="b")
    shelf.put("dark.jpg", (soft(4) * 0.7).astype(np.uint8), 8, source="b")
    shelf.put("grey.png", grey_of(soft(5)), 55, source="b")
    shelf.put("tiny.png", soft(6, 40), 3, source="b")
    shelf.put("broken.jpg", soft(7), 33, source="b")
    (shelf.folder / "broken.jpg").write_bytes(b"no picture")
    shelf.put("stranger.png", soft(8))
    shelf.label("missing.jpg", 12)
    return shelf
