import cv2
import numpy as np
import pytest

from pipelines.pages import page
from tests.training.assessment import builders
from training import shoppers
from training.assessment import figures, predictions, report

_PEOPLE = [(3, 8), (15, 27), (16, 20), (30, 29), (33, 36), (62, 50), (70, 70)]


def _encoded():
    return cv2.imencode(".jpg", np.full((30, 30, 3), 90, np.uint8))[1].tobytes()


def _shown(status="ok", encoded=None):
    return predictions.Shown(
        name="x<y>.jpg",
        encoded=_encoded() if encoded is None else encoded,
        age_years=80,
        status=status,
        mean_years=20.4,
        low_years=9.6,
        high_years=31.2,
    )


def _page(people, **changes):
    seen = builders.seen(people, {"sex": ["f"] + ["m"] * (len(people) - 1)}, **changes)
    found = figures.evaluate(seen, builders.packaged(), shoppers.built_in_mix())
    return report.make(found, seen, "openvino")


def test_page_ends_with_conclusions():
    made = _page(_PEOPLE)

    titles = [section.title for section in made.sections]
    assert titles[0] == "In short"
    assert titles[-1] == "Conclusions and recommendations"
    assert "By sex" in titles
    assert "estimated at 25 or older, by sex" in page.render(made)


def test_worst_photos_show_what_was_said():
    text = page.render(_page(_PEOPLE, worst=[_shown()]))

    assert "x&lt;y&gt;.jpg\nreal age 80\nestimated 20 (10 to 31)" in text
    assert text.count("data:image/jpeg") == 1


def test_photos_without_a_face_show_why():
    lost = [_shown("small"), _shown("undecodable", b"torn")]

    text = page.render(_page(_PEOPLE, lost=lost))

    assert "the face is too small" in text
    assert "not a complete picture" in text
    assert text.count("data:image/jpeg") == 2


@pytest.mark.parametrize("people", [[(30, 31)], [(3, 3), (4, 60)], [(101, 99)]])
def test_few_photos_make_a_page_too(people):
    text = page.render(_page(people))

    assert "Conclusions" in text
    assert "nan" not in text.replace("finance", "").lower().split()
