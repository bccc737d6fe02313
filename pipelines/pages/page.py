"""Puts text, tables, plots and pictures onto one HTML page that needs nothing else."""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar
from xml.etree import ElementTree

import jinja2

_TEMPLATE = "page.html.j2"
_ACTIVE = ("script", "foreignobject")


@dataclasses.dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences."""

    kind: ClassVar[str] = "paragraph"
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Bullets:
    """A list; each item a sentence or more."""

    kind: ClassVar[str] = "bullets"
    items: Sequence[str]


@dataclasses.dataclass(frozen=True, slots=True)
class KeyFigure:
    """One number that a reader looks for first.

    Attributes:
      value: With its unit, such as `4.9 years`.
      label: What it is.
      note: What to hold it against; empty: nothing.
    """

    value: str
    label: str
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class KeyFigures:
    """Numbers side by side."""

    kind: ClassVar[str] = "key_figures"
    items: Sequence[KeyFigure]


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """A table with a header.

    Attributes:
      caption: What it shows.
      columns: Names, with units.
      rows: As many texts each as there are columns.
      numeric: Whether to align a column right; empty: all but the first.
      is_form: Whether empty cells are to be filled in, and need room for a pen.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[bool] = ()
    is_form: bool = False

    def __post_init__(self) -> None:
        """Checks that each row fits the header.

        Raises:
          ValueError: one does not.
        """
        lengths = {len(row) for row in self.rows}
        lengths |= {len(self.numeric)} if self.numeric else set()
        if lengths - {len(self.columns)}:
            raise ValueError(
                f"rows and numeric must have {len(self.columns)} values. "
                f"Received: {sorted(lengths)}"
            )

    def is_numeric(self, index: int) -> bool:
        """Tells whether a column is aligned right."""
        return self.numeric[index] if self.numeric else index > 0


@dataclasses.dataclass(frozen=True, slots=True)
class Figure:
    """A plot.

    Attributes:
      svg: From `pipelines.pages.plots`: goes onto the page as it is.
      title: What it shows.
      description: What a reader should see in it, also one who cannot see it.
    """

    kind: ClassVar[str] = "figure"
    svg: str
    title: str
    description: str

    def __post_init__(self) -> None:
        """Refuses what is not a mere drawing.

        Raises:
          ValueError: the text is no SVG element, or could run or load something.
        """
        if not self.svg.startswith("<svg") or not _is_still(self.svg):
            raise ValueError(f"svg must be a drawing. Received: {self.svg[:40]!r}")


def _is_still(svg: str) -> bool:
    """Tells whether a drawing runs nothing; its words may be any, such as `onload=`."""
    try:
        elements = list(ElementTree.fromstring(svg).iter())
    except ElementTree.ParseError:
        return False
    names = [element.tag.rpartition("}")[2].lower() for element in elements]
    attributes = [pair for element in elements for pair in element.items()]
    return not (
        any(name in _ACTIVE for name in names)
        or any(name.lower().startswith("on") for name, _ in attributes)
        or any(text.strip().lower().startswith("javascript:") for _, text in attributes)
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """A small photo; `data_uri` is from `pipelines.pages.pictures`."""

    data_uri: str
    caption: str

    def __post_init__(self) -> None:
        """Refuses pictures that would have to be loaded.

        Raises:
          ValueError: the picture is not inside.
        """
        if not self.data_uri.startswith("data:image/"):
            raise ValueError(
                f"data_uri must hold a picture. Received: {self.data_uri[:40]!r}"
            )


@dataclasses.dataclass(frozen=True, slots=True)
class Pictures:
    """Photos side by side; a line break in a caption stays.

    Attributes:
      caption: What they have in common.
      items: In order.
      is_wide: Whether to give each twice the room, as pairs of photos need.
    """

    kind: ClassVar[str] = "pictures"
    caption: str
    items: Sequence[Picture]
    is_wide: bool = False


Block = Paragraph | Bullets | KeyFigures | Table | Figure | Pictures


@dataclasses.dataclass(frozen=True, slots=True)
class Section:
    """A chapter; its title stands in the list of contents."""

    title: str
    blocks: Sequence[Block]


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """A whole page.

    Attributes:
      title: Of the page.
      lead: The gist, in a sentence or two.
      sections: In order.
      footer: What made it, from what.
    """

    title: str
    lead: str
    sections: Sequence[Section]
    footer: str = ""


def render(page: Page) -> str:
    """Writes a page as HTML.

    Returns:
      The same text for the same page. It loads nothing, runs nothing, and holds no
      mark-up but its own and that of its plots.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipelines.pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(_TEMPLATE).render(page=page)
