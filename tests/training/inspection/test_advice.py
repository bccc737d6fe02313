import numpy as np
import pytest

from training import labels
from training.inspection import advice, figures, findings, scan


def _inspected(ages_years, listed=(), *, num_dropped=0, num_grey=0, sources=None):
    """A made-up set; the last photos are dropped, the first grey."""
    seen = [
        scan.Seen(
            name=f"{number}.jpg",
            file=None,
            label=labels.Label(
                age_years=float(age_years),
                columns={"source": sources[number]} if sources else {},
            ),
            content=bytes([number % 256]),
            num_bytes=1000,
            height_px=200,
            width_px=200,
            is_grey=number < num_grey,
            statuses={
                "plain": "none" if number >= len(ages_years) - num_dropped else "ok"
            },
        )
        for number, age_years in enumerate(ages_years)
    ]
    return figures.Inspected(
        scanned=scan.Scan(
            seen=seen, strangers=[], namesakes=[], orphans=[], bad_labels=[]
        ),
        listed=list(listed),
        splits=["train" if one.is_kept else "" for one in seen],
    )


def _finding(kind, outcome=findings.KEPT, **further):
    return findings.Finding(kind=kind, file_name="x.jpg", outcome=outcome, **further)


# Every age from 0 to 104, each 200 times.
_EVEN = np.repeat(np.arange(105), 200)


def _said(found):
    return "\n".join(advice.advise(found))


def test_an_even_set_is_fine():
    assert advice.advise(_inspected(_EVEN)) == [
        "Older people are there: 42.9% are 60 or older (9,000 photos; 6.9% in the "
        "original study, which erred most on them)."
    ]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            _inspected(
                _EVEN,
                [
                    _finding(
                        "bad_label",
                        findings.STOPS,
                        detail="labels.csv:3: real_age is not a number: 'young'",
                    )
                ],
            ),
            "Training would stop: 1 label or name must be put right first, such as "
            "labels.csv:3: real_age is not a number: 'young' (x.jpg).",
        ),
        (
            _inspected(
                _EVEN,
                [
                    *[_finding("two_ages", group=1, gap_years=29.0, row=0)] * 2,
                    *[_finding("two_ages", group=2, gap_years=3.0, row=2)] * 3,
                ],
            ),
            "Correct the labels of 2 pictures that are there under two ages, up to 29 "
            "years apart (1 by more than 5)",
        ),
        (
            _inspected(
                _EVEN,
                [_finding("no_face", findings.DROPPED, row=1)] * 3,
                num_dropped=2100,
            ),
            "Training drops 2,100 of 21,000 photos (10.0%), mostly: photos without a "
            "face (3). If faces fill these photos, --framed-copies puts",
        ),
        (
            _inspected(_EVEN[(_EVEN < 18) | (_EVEN > 24)]),
            "Nobody of 18-24 is left",
        ),
        (
            _inspected(_EVEN[_EVEN < 55]),
            "Nobody of 55-64, 65-74 and 75+ is left",
        ),
        (
            _inspected([*_EVEN[_EVEN < 75], *[80] * 40]),
            "Collect more photos of 75+: of 75+ there are 40, of whom about 4 would",
        ),
        (
            _inspected(_EVEN[_EVEN < 60]),
            "Weigh or collect older people: 0.0% are 60 or older (0 photos; 6.9%",
        ),
        (
            _inspected(_EVEN[_EVEN >= 5]),
            "rest on 95.2% of it",
        ),
        (
            _inspected([*_EVEN, *[30, 35, 40, 50] * 1000]),
            "Ages look rounded: Whipple's index is 2",
        ),
        (
            _inspected(_EVEN, sources=["a" if age < 50 else "b" for age in _EVEN]),
            "Age and source go together (mean ages: b 77.0, a 24.5 years)",
        ),
        (_inspected(_EVEN, num_grey=2100), "10.0% of the photos are grey"),
    ],
)
def test_each_rule_speaks_with_its_figure(found, said):
    assert said in _said(found)


def test_what_is_most_urgent_comes_first():
    found = _inspected(
        _EVEN[_EVEN < 55],
        [
            _finding("bad_label", findings.STOPS),
            *[_finding("two_ages", group=1, gap_years=29.0, row=0)] * 2,
        ],
    )

    first, second, *_ = advice.advise(found)

    assert first.startswith("Training would stop")
    assert second.startswith("Correct the labels of 1 picture that is there")


def test_a_handful_of_photos_is_not_judged():
    found = _inspected([0, 14, 20, 30, 40, 50, 60, 70, 80])

    assert "Whipple" not in _said(found)
    assert "60 or older" not in _said(found)
