import html
import re

import pytest

from pipelines.pages import page as pages
from pipelines.reporting import page, wording
from schemas import cashier_audit, store_drift
from tests.reporting import hand_made

_ACCUSING = re.compile(
    r"guilt|violat|offen[cds]|culprit|suspect|fraud|misconduct|worst|offender|cheat",
    re.IGNORECASE,
)
_ODD = re.compile(r"\b(nan|None|inf|null)\b")


def _rendered(**changes):
    return html.unescape(pages.render(page.make(hand_made.make(**changes))))


def _section(made, title):
    return next(one for one in made.sections if one.title == title)


def _tables(section):
    return [block for block in section.blocks if isinstance(block, pages.Table)]


def _unlogged():
    names = ("ee", "ff")
    return hand_made.audit(
        [hand_made.cashier("0001", name, "not_logged") for name in names]
    )


def _many(num_items):
    return hand_made.affinity(
        [
            hand_made.cell(f"P{number}", group, 100.0 + number, level="product")
            for number in range(num_items)
            for group in hand_made.GROUPS
        ]
    )


_EMPTY = {
    "age_group_affinity": hand_made.affinity([]),
    "offers": hand_made.offers_of([]),
    "cashier_audit": hand_made.audit([]),
    "restricted_sales_by_hour": hand_made.hours([]),
    "data_quality": hand_made.quality(
        [hand_made.store_quality(None, lost=0, photos=0)]
    ),
    "store_drift": hand_made.drift([]),
    "minors": hand_made.minors(
        num_sales=0, is_identified=False, sales=None, low_sales=None, high_sales=0.0
    ),
    "notes": (),
}


def test_lead_says_what_the_page_rests_on():
    lead = page.make(hand_made.make()).lead

    assert "From 1 September 2026 to 28 September 2026, 26 of 28 days published" in lead
    assert "2 stores: 1,200 baskets, of which 780 (65.0%) have a known age" in lead


def test_sections_come_in_order():
    titles = [section.title for section in page.make(hand_made.make()).sections]

    assert titles == [
        "In short",
        "What each age group buys",
        "What to offer whom",
        "Cashier audit",
        "Sales to minors, as estimated",
        "Age-restricted sales by store and hour",
        "Data quality",
        "Cameras against their own past",
        "How the figures are made, and their limits",
    ]


@pytest.mark.parametrize(
    "changes",
    [{}, {"cashier_audit": _unlogged()}, _EMPTY],
    ids=["logged", "unlogged", "empty"],
)
def test_nobody_is_accused_and_no_number_is_missing(changes):
    text = _rendered(**changes)

    assert _ACCUSING.findall(text) == []
    assert (
        _ODD.findall(
            re.sub(r"<svg.*?</svg>|<style>.*?</style>", "", text, flags=re.S).replace(
                "default-src 'none'", ""
            )
        )
        == []
    )


def test_demand_shows_figures_and_says_what_they_do_not_say():
    section = _section(page.make(hand_made.make()), "What each age group buys")

    [table] = _tables(section)
    assert list(table.rows[0]) == [
        "Energy drinks",
        "<25",
        "yes",
        "120",
        "12.0% (11.0% to 13.0%)",
        "217",
        "240 (216 to 264)",
        "0.001",
    ]
    text = _rendered()
    assert "An association is no cause" in text
    assert "Ages are estimated" in text
    assert "Neighbouring groups blur" in text


def test_suppressed_cells_show_no_figure():
    rows = [
        hand_made.cell("Tea", "<25", None, suppressed=True),
        hand_made.cell("Tea", "65+", 100.0),
    ]

    made = page.make(hand_made.make(age_group_affinity=hand_made.affinity(rows)))

    [table] = _tables(_section(made, "What each age group buys"))
    assert list(table.rows[0][2:]) == ["too few", *[wording.NONE] * 5]


def test_offers_stand_below_their_group_and_groups_without_any_are_named():
    section = _section(page.make(hand_made.make()), "What to offer whom")

    assert [table.caption for table in _tables(section)] == [
        "Customers under 25 years",
        "Customers of 65 years and over",
    ]
    assert [row[0] for table in _tables(section) for row in table.rows] == [
        "Energy drinks",
        "Tea",
    ]
    assert "Customers of 25 to 44 years: nothing that they reliably prefer." in (
        _rendered()
    )


def test_cashiers_are_listed_by_store_and_pseudonym_with_their_status():
    section = _section(page.make(hand_made.make()), "Cashier audit")

    decisions, figures = _tables(section)
    assert [row[:2] for row in figures.rows] == [
        ["0001", "aa"],
        ["0001", "bb"],
        ["0002", "cc"],
        ["0002", "dd"],
    ]
    assert [row[2].replace("\xa0", " ") for row in figures.rows] == [
        "within limits",
        "a person should look",
        "too little data",
        "within limits",
    ]
    assert figures.rows[1][3:] == [
        "81 of 200",
        "31.0",
        "2.60 (2.08 to 3.12)",
        "1.90",
        "<0.001",
    ]
    assert decisions.rows == [["0001", "bb", "2 of 3", "", "", "", ""]]
    assert decisions.is_form


def test_every_status_has_words():
    assert set(wording.STATUSES) == set(cashier_audit.STATUSES)


def test_where_nothing_is_logged_the_page_says_exposure_and_why():
    text = _rendered(cashier_audit=_unlogged())

    assert "The tills log no ID checks" in text
    assert "it is an exposure, not a conduct. Nobody is flagged" in text
    assert "For a person to decide" not in text
    assert "limits</text>" not in text


def test_where_some_tills_log_both_are_shown():
    rows = [
        hand_made.cashier("0001", "aa", "within_limits"),
        hand_made.cashier("0002", "ee", "not_logged"),
    ]

    text = _rendered(cashier_audit=hand_made.audit(rows))

    assert "Of 1 cashier whose tills log ID checks, none has figures" in text
    assert "For 1 of 2 cashiers: The tills log no ID checks" in text


@pytest.mark.parametrize(("period_days", "is_too_short"), [(27, False), (28, True)])
def test_spans_too_short_to_repeat_anything_are_told(period_days, is_too_short):
    text = _rendered(settings={"period_days": period_days})

    assert ("no look can be asked for" in text) == is_too_short


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "About 16 of 5,000 age-restricted sales with an estimated age went to"),
        (
            {
                "is_identified": False,
                "sales": None,
                "low_sales": None,
                "high_sales": 38.2,
            },
            "It is at most about 38 of 5,000",
        ),
        ({"num_sales": 0, "is_identified": False}, "nothing can be said"),
    ],
)
def test_sales_to_minors_come_with_interval_or_bound(changes, sentence):
    assert sentence in _rendered(minors=hand_made.minors(**changes))


def test_hours_of_all_registers_add_up():
    rows = [
        hand_made.hour("0001", 18, 400),
        hand_made.hour("0001", 18, 100) | {"register_group": "self_checkout"},
    ]
    made = page.make(hand_made.make(restricted_sales_by_hour=hand_made.hours(rows)))

    [table] = _tables(_section(made, "Age-restricted sales by store and hour"))
    assert table.rows == [["0001", "500", "100.0%", "25.0%", "125", "20.0%"]]


def test_missing_days_are_named():
    assert "11 September 2026 to 12 September 2026" in _rendered()


_BRIGHTNESS, _LOSS = store_drift.BRIGHTNESS, store_drift.FACE_LOSS
_TURNED = store_drift.TURNED


@pytest.mark.parametrize(
    ("rows", "sentences"),
    [
        (
            [hand_made.drift_row("7", _BRIGHTNESS)],
            ["28 September 2026: It is darker.</li>"],
        ),
        (
            [
                hand_made.drift_row("7", _BRIGHTNESS, date=hand_made.FIRST),
                hand_made.drift_row("7", _BRIGHTNESS, sentence="Darker still."),
                hand_made.drift_row("7", _LOSS, sentence="Blurred."),
            ],
            [
                "28 September 2026: Darker still. So on 2 days.</li>",
                "28 September 2026: Blurred.</li>",
            ],
        ),
        (
            [
                hand_made.drift_row("7", _LOSS, status="no_history"),
                hand_made.drift_row("8", _LOSS, status="usual"),
                hand_made.drift_row("8", _BRIGHTNESS, status="no_photos"),
            ],
            [
                "<li>1 store without an alarm.</li>",
                "Too few days or photos to judge 1 store: 7.</li>",
            ],
        ),
        (
            [
                hand_made.drift_row("7", _LOSS, status="no_history"),
                hand_made.drift_row("7", _TURNED, sentence="It is upside down."),
                hand_made.drift_row("8", _LOSS, status="no_history"),
                hand_made.drift_row("8", _TURNED, status="usual"),
            ],
            [
                "28 September 2026: It is upside down.</li>",
                "Too few days or photos to judge 1 store: 8.</li>",
            ],
        ),
    ],
    ids=["once", "often", "never", "turned"],
)
def test_alarms_of_cameras_are_told_in_sentences(rows, sentences):
    text = _rendered(store_drift=hand_made.drift(rows))

    assert [one for one in sentences if one not in text] == []
    assert text.count("It is darker.") <= 1


def test_the_table_holds_the_items_that_differ_reliably():
    made = page.make(hand_made.make())

    [table] = _tables(_section(made, "What each age group buys"))
    assert {row[0] for row in table.rows} == {"Energy drinks", "Tea"}
    assert "first 2 of 3" in table.caption


def test_exposure_is_called_a_bound_only_where_sales_to_minors_are_one():
    bound = hand_made.minors(
        is_identified=False, sales=None, low_sales=None, high_sales=38.2
    )
    words = "minor_sales_high of the cashier tables holds upper bounds"

    assert words in _rendered(minors=bound)
    assert words not in _rendered()


def test_settings_and_notes_are_on_the_page():
    text = _rendered(settings={"period_days": 17, "min_baskets": 33})

    assert "17 days" in text
    assert ">33<" in text
    assert "<25, 25-44, 45-64, 65+ years" in text
    assert "Two days were not published." in text


def test_of_many_products_the_page_shows_some_and_says_where_all_are():
    found = hand_made.make(age_group_affinity=_many(300), settings={"level": "product"})

    made = page.make(found)
    text = pages.render(made)

    assert "This page shows the 30 with the clearest differences; all are in" in text
    [table] = _tables(_section(made, "What each age group buys"))
    assert "first 5 of 300" in table.caption
    assert len(table.rows) == 5 * len(hand_made.GROUPS)
    assert len(text.encode()) < 400_000


def test_tables_have_captions_and_headers_and_figures_have_words():
    text = pages.render(page.make(hand_made.make()))

    assert text.count("<caption>") == text.count("<table") > 5
    assert text.count('scope="col"') > 30
    assert 'scope="row"' in text
    assert text.count('<div role="img" aria-label="') == text.count("<svg ") == 4


def test_same_answers_give_the_same_page():
    found = hand_made.make()

    assert pages.render(page.make(found)) == pages.render(page.make(found))
