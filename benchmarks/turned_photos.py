"""What becomes of photos from cameras that hang upside down or on their side.

python -m benchmarks.turned_photos --images aaf.tar utk.tar --labels labels.csv

Photos of the validation split (by their labels, else by their file name) are turned
each way, as they are and in frames of 640 x 480 pixels. Faces whose turn is told
right; ages against those of the upright photo, with photos taken as they come and
turned upright; and what it costs an upright photo to know that it is one.
"""

import argparse
import pathlib
import sys
import time
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from pipelines.domain import ages, faces, photos, pixels, splits
from pipelines.inference import bundle as bundles
from pipelines.inference import engines, face_finder, face_search, face_turn
from training import framing, labels, photo_files

_SPLIT = "validation"


class _Bench:
    """The shipped model, with photos turned upright and without."""

    def __init__(self) -> None:
        self._bundle = bundles.load(bundles.default_folder())
        card = self._bundle.card
        self._settings = faces.FaceSettings.from_card(card.face_settings)
        self._finder = face_finder.FaceFinder(self._settings)
        self._search = face_search.FaceSearch(
            self._settings.min_score, self._settings.min_size_ratio
        )
        self._model = engines.make("openvino", self._bundle)

    def rows(self, name: str, photo: pixels.Picture) -> Iterator[dict[str, object]]:
        """Turns one photo each way, as it is and framed."""
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        for view, rgb in (("as it is", photo), ("framed", framing.framed(photo, rng))):
            upright = self._age(rgb, self._as_it_comes(rgb))
            for degrees in face_turn.QUARTERS:
                seen = pixels.turned(rgb, (360 - degrees) % 360)
                finding = self._finder.find(seen)
                search_us, turn_us = self._cost_us(seen)
                yield {
                    "view": view,
                    "degrees": degrees,
                    "needed": degrees,
                    "told": finding.turned_degrees,
                    "before": abs(self._age(seen, self._as_it_comes(seen)) - upright),
                    "after": abs(self._age(seen, finding) - upright),
                    "search_us": search_us,
                    "turn_us": turn_us,
                }

    def _as_it_comes(self, rgb: pixels.Picture) -> faces.Finding:
        boxes = [face_finder.box_of(one) for one in self._search.find(rgb)]
        return faces.judge(rgb, boxes, self._settings)

    def _age(self, rgb: pixels.Picture, finding: faces.Finding) -> float:
        if finding.status != "ok" or finding.box is None:
            return np.nan
        card, margin = self._bundle.card, self._settings.crop_margin
        upright = faces.upright(rgb, finding)
        crop = faces.crop_face(upright, finding.box, card.height, margin)
        weights = ages.to_weights(self._model.predict(crop[None]), card.temperature)
        return float(ages.mean_and_sigma(weights)[0][0])

    def _cost_us(self, rgb: pixels.Picture) -> tuple[float, float]:
        """Measures processor time: of the search, and then to tell the turn."""
        began = time.process_time()
        found = self._search.find(rgb)
        searched = time.process_time()
        if found:
            self._search.degrees_to_turn(rgb, found[0])
        return (searched - began) * 1e6, (time.process_time() - searched) * 1e6


def main(argv: Sequence[str]) -> int:
    """Turns all photos and prints a row for each way."""
    given = _parser().parse_args(argv)
    bench = _Bench()
    rows = [
        row
        for place in given.images
        for name, photo in _photos(place, given.labels, given.photos)
        for row in bench.rows(name, photo)
    ]
    grouped = pd.DataFrame(rows).groupby(["view", "degrees"])
    print(grouped.apply(_summary, include_groups=False).round(4).to_string())
    return 0


def _photos(
    place: pathlib.Path, labels_file: pathlib.Path, most: int
) -> list[tuple[str, pixels.Picture]]:
    """Decodes the first photos of the split, by the hash of their name."""
    known = {
        name: label
        for name, label in labels.read_labels(labels_file).items()
        if (label.split or splits.split_of(name)) == _SPLIT
    }
    found = photo_files.labelled_photos([place], known, photo_files.Unpaired())
    encoded = {photo.name: photo.encoded for photo in found}
    chosen = sorted(encoded, key=splits.share_of)[:most]
    return [(name, photos.decode_photo(encoded[name])) for name in chosen]


def _summary(rows: pd.DataFrame) -> pd.Series:
    told = rows["told"].dropna()
    return pd.Series(
        {
            "photos": len(rows),
            "faces asked": len(told),
            "told right": float((told == rows.loc[told.index, "needed"]).mean()),
            "years before": rows["before"].mean(),
            "years after": rows["after"].mean(),
            "search, us": rows["search_us"].mean(),
            "turn, us": rows["turn_us"].mean(),
        }
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--images", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--labels", type=pathlib.Path, required=True)
    parser.add_argument("--photos", type=int, default=250, help="of each place")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
