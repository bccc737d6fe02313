import html.parser
import re

import pytest

from pipelines.pages import page, pictures, plots

_EVIL = "<script>alert('1')</script> & \"$x$\""
_PIXEL = "data:image/jpeg;base64,AAAA"


class _Elements(html.parser.HTMLParser):
    """Collects names, ids and addresses, and checks that elements nest."""

    _VOID = ("meta", "img", "link", "br", "hr", "input")

    def __init__(self):
        super().__init__()
        self.open, self.names, self.ids, self.addresses = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        self.addresses += [given[key] for key in ("src", "href") if key in given]
        if tag not in self._VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self._VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def _elements(text):
    found = _Elements()
    found.feed(text)
    assert found.open == []
    return found


def _svg():
    one = plots.Series(name=_EVIL, values=[1, 2])
    return plots.bars(["a", _EVIL], [one], x_label=_EVIL, y_label="photos")


def _page():
    return page.Page(
        title=_EVIL,
        lead=_EVIL,
        sections=[
            page.Section(
                _EVIL,
                [
                    page.Paragraph(_EVIL),
                    page.Bullets([_EVIL]),
                    page.KeyFigures([page.KeyFigure(_EVIL, _EVIL, _EVIL)]),
                    page.Table(_EVIL, [_EVIL, "n"], [[_EVIL, _EVIL]]),
                    page.Figure(_svg(), _EVIL, _EVIL),
                    page.Pictures(_EVIL, [page.Picture(_PIXEL, _EVIL)]),
                ],
            ),
            page.Section("Second", [page.Paragraph("The end.")]),
        ],
        footer=_EVIL,
    )


def test_page_shows_all_texts_and_none_becomes_markup():
    text = page.render(_page())

    names = _elements(text).names
    assert "script" not in names
    assert text.count("alert(") >= 15
    assert {"h1", "h2", "table", "caption", "figure", "img", "footer"} <= set(names)


def test_page_loads_nothing():
    text = page.render(_page())

    outside = [
        address
        for address in _elements(text).addresses
        if not address.startswith(("#", "data:"))
    ]
    assert outside == []
    assert re.findall(r"url\((?!#)", text) == []


def test_page_names_nothing_twice_and_its_contents_lead_to_its_sections():
    found = _elements(page.render(_page()))

    named = [name for name in found.ids if name.startswith("section-")]
    assert named == ["section-1", "section-2"]
    assert [a for a in found.addresses if a.startswith("#section")] == [
        "#section-1",
        "#section-2",
    ]


def test_same_page_gives_same_text():
    assert page.render(_page()) == page.render(_page())


def test_columns_but_the_first_are_numbers_unless_told():
    table = page.Table("t", ["who", "n"], [["all", "3"]])
    told = page.Table("t", ["who", "why"], [["all", "so"]], [False, False])

    assert [table.is_numeric(0), table.is_numeric(1)] == [False, True]
    assert not told.is_numeric(1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: page.Table("t", ["a", "b"], [["1"]]), "must have 2 values"),
        (lambda: page.Table("t", ["a"], [["1"]], [True, True]), "must have 1 values"),
        (lambda: page.Figure("<p>no</p>", "t", "d"), "must be a drawing"),
        (lambda: page.Figure("<svg><script/></svg>", "t", "d"), "must be a drawing"),
        (lambda: page.Figure('<svg onload="x()"/>', "t", "d"), "must be a drawing"),
        (lambda: page.Figure("<svg><p></svg>", "t", "d"), "must be a drawing"),
        (
            lambda: page.Figure('<svg><a href=" JavaScript:x()"/></svg>', "t", "d"),
            "must be a drawing",
        ),
        (lambda: page.Picture("https://a/b.jpg", "c"), "must hold a picture"),
    ],
)
def test_blocks_refuse_what_does_not_belong_on_a_page(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_pictures_on_a_page_are_those_that_were_packed(noise):
    packed = pictures.of_pixels(noise)
    shown = page.Page(
        "t", "l", [page.Section("s", [page.Pictures("p", [page.Picture(packed, "c")])])]
    )

    assert _elements(page.render(shown)).addresses == [packed]
