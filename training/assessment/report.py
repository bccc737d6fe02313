"""Writes an evaluation as a page, for people."""

from collections.abc import Iterator, Sequence

from pipelines.domain import photos
from pipelines.pages import page, pictures
from training import study
from training.assessment import charts, conclusions, figures, predictions, tables

_PICTURE_PX = 150

_STATUS_WORDS = {
    "none": "no face found",
    "several_faces": "several faces alike in size",
    "small": "the face is too small",
    "blurred": "the face is blurred",
    "undecodable": "not a complete picture",
}


def make(
    found: figures.Evaluation, seen: predictions.Predictions, engine: str
) -> page.Page:
    """Lays out the page.

    Args:
      found: The figures.
      seen: What they rest on.
      engine: That ran the model.

    Returns:
      A page; conclusions and recommendations come last.
    """
    sections = [
        page.Section("In short", _short(found)),
        page.Section("Which photos", _photos(found)),
        page.Section("Error by age", _by_age(found)),
        page.Section("Estimated against real age", [charts.heat_map(seen)]),
        *_by_column(found),
        page.Section("How sure it is", _coverage(found)),
        page.Section("Young people", _young(found)),
        *_examples(seen),
        page.Section("How the figures are made", [page.Bullets(_METHODS)]),
        page.Section("Conclusions and recommendations", _conclusions(found)),
    ]
    return page.Page(
        title="How well does the age model do?",
        lead=_lead(found),
        sections=sections,
        footer=f"Written by tillage evaluate. Bundle {found.bundle}, engine {engine}.",
    )


def _lead(found: figures.Evaluation) -> str:
    overall = found.overall
    return (
        f"Bundle {found.bundle} on {found.faces_found:,} faces of known age: it is off "
        f"by {overall.mae_years:.2f} years on average, and within ten years of the "
        f"real age for {overall.within_10_years:.0%} of them."
    )


def _short(found: figures.Evaluation) -> list[page.Block]:
    overall, mix, old = found.overall, found.study_mix, found.aged_60_plus
    items = [
        page.KeyFigure(
            f"{overall.mae_years:.2f} years",
            "mean error, these photos",
            tables.interval(overall.mae_low_years, overall.mae_high_years, "{:.2f}"),
        )
    ]
    if mix is not None:
        items.append(
            page.KeyFigure(
                f"{mix.mae_years:.2f} years",
                "at the original study's ages",
                f"the study: {study.VALIDATION_MAE_YEARS}; target: "
                f"{conclusions.TARGET_MAE_YEARS:g}",
            )
        )
    items.append(page.KeyFigure(f"{overall.bias_years:+.2f} years", "bias"))
    if old is not None:
        target = f"target: {conclusions.TARGET_OLD_MAE_YEARS:g}"
        items.append(page.KeyFigure(f"{old.mae_years:.2f} years", "aged 60+", target))
    covered = page.KeyFigure(
        f"{overall.coverage_90:.1%}", "90 % intervals that hold", "target: 88 to 92 %"
    )
    return [page.KeyFigures([*items, covered]), tables.headline(found)]


def _photos(found: figures.Evaluation) -> list[page.Block]:
    rows = [
        ("labelled photos that were read", found.photos),
        ("with one usable face: all figures are over these", found.faces_found),
        *(
            (f"left out: {_STATUS_WORDS.get(reason, reason)}", count)
            for reason, count in found.lost.items()
        ),
        ("photos without a label, not read", found.photos_without_label),
        ("labels without a photo", found.labels_without_photo),
    ]
    shown = [(what, f"{count:,}") for what, count in rows]
    return [page.Table("Photos", ["what", "photos"], shown)]


def _by_age(found: figures.Evaluation) -> list[page.Block]:
    groups = found.groups[figures.AGE_GROUP]
    return [
        charts.errors(groups, "real age, years", found.overall.mae_years),
        tables.groups("By real age", "age", groups),
    ]


def _by_column(found: figures.Evaluation) -> Iterator[page.Section]:
    for column in conclusions.further_columns(found):
        groups = found.groups[column]
        label = column.replace("_", " ")
        blocks: list[page.Block] = [tables.groups(f"By {label}", label, groups)]
        if len(groups) > 1:
            line = found.overall.mae_years
            blocks.insert(0, charts.errors(groups, label, line, is_ordered=False))
        yield page.Section(f"By {label}", blocks)


def _coverage(found: figures.Evaluation) -> list[page.Block]:
    by_prediction = found.groups[figures.PREDICTED_GROUP]
    return [
        page.Paragraph(
            "Each estimate comes with an interval that should hold the real age of "
            "90 % of people. Intervals are set by predicted age, since the real one "
            "is not known at a till; by real age they may hold more or fewer."
        ),
        charts.coverage(found.groups[figures.AGE_GROUP], "real age, years"),
        charts.coverage(by_prediction, "predicted age, years"),
        tables.groups("By predicted age", "predicted age", by_prediction),
    ]


def _young(found: figures.Evaluation) -> list[page.Block]:
    blocks: list[page.Block] = [tables.probabilities(found)]
    if any(one.reliability for one in found.probabilities):
        blocks.append(charts.reliability(found))
    if found.challenge:
        blocks.append(tables.challenge(found))
        blocks += [
            tables.minors(column.replace("_", " "), found.groups[column])
            for column in conclusions.further_columns(found)
        ]
    return blocks


def _examples(seen: predictions.Predictions) -> Iterator[page.Section]:
    if seen.worst:
        caption = (
            "The largest errors. Look at them before any figure is blamed on the "
            "model: some labels are wrong, and some faces are not whose age was noted."
        )
        block = page.Pictures(caption, _worst(seen))
        yield page.Section("The worst photos", [block])
    if seen.lost:
        caption = "Examples of photos that have no estimate, and why."
        items = [
            _picture(shown, _STATUS_WORDS.get(shown.status, shown.status))
            for shown in seen.lost
        ]
        yield page.Section(
            "Photos without a usable face", [page.Pictures(caption, items)]
        )


def _worst(seen: predictions.Predictions) -> list[page.Picture]:
    return [
        _picture(
            shown,
            f"estimated {shown.mean_years:.0f} "
            f"({shown.low_years:.0f} to {shown.high_years:.0f})",
        )
        for shown in seen.worst
    ]


def _picture(shown: predictions.Shown, words: str) -> page.Picture:
    try:
        rgb = photos.decode_photo(shown.encoded)
    except photos.UnusablePhotoError:
        data_uri = pictures.blank(_PICTURE_PX)
    else:
        data_uri = pictures.of_pixels(rgb, _PICTURE_PX)
    return page.Picture(
        data_uri, f"{shown.name}\nreal age {shown.age_years:g}\n{words}"
    )


_METHODS = (
    "Error: years between estimate and real age, without its sign; its mean over "
    "people is the mean absolute error (MAE), with a 95 % interval by Student's t. "
    "Bias keeps the sign: above 0, people are estimated too old.",
    "The original study's ages: each person is weighted by the study's share of the "
    "person's five-year age band (0-4, 5-9, …; children included) over the number of "
    f"people of that band here, so that errors count as on the study's "
    f"{study.photos_by_age().sum():,} photos. Bands without a person here are left "
    "out.",
    "Shoppers' ages: likewise, for people of 13 and older, to the mix of ages at the "
    "tills (--shopper-ages, or a built-in one: adults of working age alike, fewer "
    "teenagers and fewer of the very old).",
    "90 % intervals that hold: the share whose real age lies inside, with its exact "
    "binomial 95 % interval.",
    "Brier score: mean squared difference between a probability and what was true "
    "(0 or 1); 0 is perfect.",
    "False positive rate at a challenge age: the share of people of 13 to 17 who are "
    "estimated at that age or older, with a bootstrap 95 % interval (as in NIST IR "
    "8525).",
    "All of it holds for photos like these. If the model has seen some of them in "
    "training, the figures flatter it.",
)


def _conclusions(found: figures.Evaluation) -> list[page.Block]:
    drawn = conclusions.conclude(found)
    parts: Sequence[tuple[str, Sequence[str]]] = (
        ("Good enough for:", drawn.good_enough),
        ("Not good enough for:", drawn.not_good_enough),
        ("What to collect next:", drawn.collect_next),
    )
    return [
        block
        for title, sentences in parts
        if sentences
        for block in (page.Paragraph(title), page.Bullets(sentences))
    ]
