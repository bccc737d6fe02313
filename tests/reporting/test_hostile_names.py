"""A report whose stores, products and cashiers have names that would be markup."""

import html.parser

import openpyxl
import pytest

from pipelines import report
from pipelines.reporting import publication
from tests import browser
from tests.reporting import small_chains, warehouses

_SCRIPT = "<script>document.title='taken'</script>"
_IMAGE = '"><img src=x onerror="document.title=\'taken\'">'
_NAMES = {
    "0001": f"0001{_SCRIPT}",
    "0002": f"0002{_IMAGE}",
    "cola": f"cola{_SCRIPT}",
    "tea": f"tea{_IMAGE}",
    small_chains.PLANTED: f"{small_chains.PLANTED}{_SCRIPT}{_IMAGE}",
}


def _hostile(rows):
    return [
        {
            name: _NAMES.get(value, value) if isinstance(value, str) else value
            for name, value in row.items()
        }
        for row in rows
    ]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp("hostile")
    bundle = small_chains.make_bundle(root / "tiny")
    (root / "warehouse").mkdir()
    for number in range(small_chains.NUM_DAYS):
        small_chains.publish_day(
            root / "warehouse",
            bundle,
            warehouses.day(number),
            _hostile(small_chains.sales_lines()),
            _hostile(small_chains.restricted()),
            '{"joining": {"eligible_probability": 0.5}}',
        )
    flags = small_chains.flags(root / "warehouse", bundle, root / "report")
    assert report.main(flags) == 0
    return root / "report"


class _Markup(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.scripts, self.handlers, self.words = 0, 0, ""

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        self.handlers += any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data):
        self.words += data


def test_no_name_becomes_markup(written):
    found = _Markup()
    found.feed((written / publication.PAGE).read_text())

    assert (found.scripts, found.handlers) == (0, 0)
    for name in _NAMES.values():
        assert name in found.words


def test_a_browser_runs_none_of_them_and_asks_for_nothing(written):
    with browser.started() as chromium:
        chromium.open(written / publication.PAGE, 1280)

        assert chromium.evaluate("document.scripts.length") == 0
        assert chromium.evaluate("document.querySelectorAll('[onerror]').length") == 0
        assert chromium.evaluate("document.title") != "taken"
        assert chromium.complaints() == []
        assert chromium.requests() == [(written / publication.PAGE).as_uri()]

        loose = written.parent / "loose.html"
        loose.write_text(f"<p>{_NAMES['0001']}</p>")
        chromium.open(loose, 1280)
        assert chromium.evaluate("document.scripts.length") == 1


def test_the_workbook_holds_them_as_text(written):
    book = openpyxl.load_workbook(written / publication.WORKBOOK)
    values = {
        cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
    }

    assert set(_NAMES.values()) <= values
