"""The page as a browser shows it: opened from disk, narrow and wide, and printed."""

import re

import pytest

from pipelines.pages import page as pages
from pipelines.reporting import page
from tests import browser
from tests.reporting import hand_made

_A4_POINTS = (595, 842)


@pytest.fixture(scope="module")
def chromium():
    with browser.started() as found:
        yield found


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / "report.html"
    path.write_text(pages.render(page.make(hand_made.make())), encoding="utf-8")
    return path


_PLOTS = """
Array.from(document.querySelectorAll('figure svg')).map(svg => {
  const box = svg.getBoundingClientRect();
  const drawn = Array.from(svg.querySelectorAll('path, use, rect')).filter(shape => {
    const size = shape.getBoundingClientRect();
    return size.width + size.height > 0 && !shape.closest('defs, clipPath');
  });
  const words = Array.from(svg.querySelectorAll('text')).filter(
    text => text.getBoundingClientRect().width > 0);
  return {width: box.width, height: box.height, shapes: drawn.length,
          words: words.length, name: svg.closest('[role=img]').ariaLabel};
})
"""
_OUTSIDE = """
Array.from(document.querySelectorAll('body *')).filter(element =>
  !element.closest('.scrolls, figure > div') &&
  element.getBoundingClientRect().right > document.documentElement.clientWidth + 1
).map(element => element.outerHTML.slice(0, 80))
"""
_UNNAMED = """
Array.from(document.querySelectorAll('table')).filter(table =>
  !table.caption || !table.caption.textContent.trim() ||
  Array.from(table.tHead.rows[0].cells).some(cell => cell.scope !== 'col') ||
  Array.from(table.tBodies[0].rows).some(row => row.cells[0].scope !== 'row')
).length
"""


@pytest.mark.parametrize("width_px", [1280, 400])
def test_page_opens_from_disk_quietly_and_asks_for_nothing(chromium, opened, width_px):
    chromium.open(opened, width_px)

    assert chromium.complaints() == []
    assert chromium.requests() == [opened.as_uri()]
    assert chromium.evaluate("document.title") == "Who buys what, and who checks ID"
    assert chromium.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize("width_px", [1280, 400])
def test_every_plot_is_drawn_and_named(chromium, opened, width_px):
    chromium.open(opened, width_px)

    plots = chromium.evaluate(_PLOTS)
    assert len(plots) == 4
    for plot in plots:
        assert plot["width"] > 300
        assert plot["height"] > 60
        assert plot["shapes"] > 3
        assert plot["words"] > 5
        assert plot["name"]


@pytest.mark.parametrize("width_px", [1280, 400])
def test_nothing_is_wider_than_the_window(chromium, opened, width_px):
    chromium.open(opened, width_px)

    assert chromium.evaluate("document.documentElement.scrollWidth") <= width_px
    assert chromium.evaluate(_OUTSIDE) == []


def test_what_is_wider_can_be_scrolled_with_the_keyboard(chromium, opened):
    chromium.open(opened, 400)

    wider = "Array.from(document.querySelectorAll('.scrolls')).filter("
    wider += "block => block.scrollWidth > block.clientWidth)"
    assert chromium.evaluate(f"{wider}.length") > 0
    assert chromium.evaluate(f"{wider}.every(block => block.tabIndex === 0)")
    assert chromium.evaluate(f"{wider}.every(block => block.ariaLabel)")


def test_tables_have_captions_and_headers_of_rows_and_columns(chromium, opened):
    chromium.open(opened, 1280)

    assert chromium.evaluate("document.querySelectorAll('table').length") > 5
    assert chromium.evaluate(_UNNAMED) == 0


def test_page_prints_to_a4(chromium, opened):
    chromium.open(opened, 1280)

    printed = chromium.print()
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert 3 <= len(boxes) <= 12
    sizes = {(round(float(width)), round(float(height))) for width, height in boxes}
    assert sizes == {_A4_POINTS}


def test_a_page_that_is_not_quiet_would_be_noticed(chromium, tmp_path):
    loud = tmp_path / "loud.html"
    loud.write_text(
        "<script>console.error('no')</script><img src='missing.png'>"
        "<p style='width: 2000px'>wide</p><table><tr><td>1</td></tr></table>"
    )
    chromium.open(loud, 400)

    assert any("'no'" in told for told in chromium.complaints())
    assert len(chromium.requests()) == 2
    assert chromium.evaluate("document.documentElement.scrollWidth") > 400
    assert len(chromium.evaluate(_OUTSIDE)) == 1
