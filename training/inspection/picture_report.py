"""Photos on the page of an inspection: samples of each age, and the suspicious."""

import collections
import dataclasses
import itertools
from collections.abc import Mapping, Sequence

from pipelines.domain import pixels, splits
from pipelines.pages import page
from training.inspection import figures, findings, gallery, scan

_MAX_BESIDE = 4
# Wrong labels are what a reader comes for.
_TIMES_DOUBTFUL = 3

Gallery = Mapping[int, pixels.Picture]
Groups = Sequence[Sequence[findings.Finding]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Selection:
    """Which photos a page shows.

    Attributes:
      samples: Rows of a few kept photos of each age group that has any.
      alone: A few findings of each kind, each of one photo.
      together: A few duplicates of each kind, by group.
    """

    samples: Mapping[str, Sequence[int]]
    alone: Mapping[str, Sequence[findings.Finding]]
    together: Mapping[str, Groups]

    def rows(self) -> set[int]:
        """Lists all rows to show."""
        chain = itertools.chain.from_iterable
        listed = [*chain(self.alone.values()), *chain(chain(self.together.values()))]
        rows = {one.row for one in listed if one.row is not None}
        return rows | set(chain(self.samples.values()))


def select(found: figures.Inspected, count: int) -> Selection:
    """Chooses what to show.

    Args:
      found: What was found out.
      count: Photos of each age group and of each kind of finding.

    Returns:
      The same for the same set: samples by hash of their names, pairs by the gap of
      their ages, the rest in order.
    """
    alone: dict[str, list[findings.Finding]] = collections.defaultdict(list)
    groups: dict[str, dict[int, list[findings.Finding]]] = collections.defaultdict(dict)
    for one in found.listed:
        if one.group is not None:
            groups[one.kind].setdefault(one.group, []).append(one)
        elif one.row is not None and found.scanned.seen[one.row].shorter_px:
            alone[one.kind].append(one)
    return Selection(
        samples=_samples(found, count),
        alone={kind: _spread(listed, count) for kind, listed in alone.items()},
        together={
            kind: list(inside.values())[: count * _times(kind)]
            for kind, inside in groups.items()
        },
    )


def _times(kind: str) -> int:
    return _TIMES_DOUBTFUL if kind == "two_ages" else 1


def _samples(found: figures.Inspected, count: int) -> dict[str, list[int]]:
    orders = figures.AGE_GROUPS.orders(found.ages_years).tolist()
    rows: dict[str, list[int]] = {name: [] for name in figures.AGE_GROUPS.labels}
    for row, (order, one) in enumerate(zip(orders, found.scanned.seen, strict=True)):
        if one.is_kept:
            rows[figures.AGE_GROUPS.labels[order]].append(row)
    return {
        name: sorted(inside, key=lambda row: _place(found.scanned.seen[row]))[:count]
        for name, inside in rows.items()
        if inside
    }


def _spread(
    listed: Sequence[findings.Finding], count: int
) -> Sequence[findings.Finding]:
    """Takes some evenly from all, so that not one corner of a set is shown."""
    step = max(len(listed) / max(count, 1), 1)
    return [listed[int(number * step)] for number in range(min(count, len(listed)))]


def _place(one: scan.Seen) -> tuple[float, str]:
    return splits.share_of(one.name), one.name


def sample_sections(
    found: figures.Inspected, shown: Selection, photos: Gallery
) -> list[page.Section]:
    """Shows samples of each age group; nothing where no photo is to be shown."""
    blocks: list[page.Block] = []
    for name, rows in shown.samples.items():
        items = [
            gallery.beside(photos, [row], _caption(found.scanned.seen[row]))
            for row in rows
        ]
        blocks += _pictures(f"{name} years", items)
    return [page.Section("Samples of each age group", blocks)] if blocks else []


def suspicious_sections(
    found: figures.Inspected, shown: Selection, photos: Gallery
) -> list[page.Section]:
    """Shows suspicious photos, kind by kind; pairs beside each other."""
    blocks: list[page.Block] = []
    for kind in findings.KINDS:
        groups = shown.together.get(kind.name, ())
        pairs = [_pair(found, group, photos) for group in groups]
        count = sum(one.kind == kind.name for one in found.listed)
        blocks += _pictures(f"{kind.title} ({count:,}). {kind.meaning}", pairs, True)
        items = [_alone(found, one, photos) for one in shown.alone.get(kind.name, ())]
        blocks += _pictures(f"{kind.title} ({count:,}). {kind.meaning}", items)
    return [page.Section("Suspicious photos", blocks)] if blocks else []


def _pictures(
    caption: str, items: Sequence[page.Picture | None], is_wide: bool = False
) -> list[page.Block]:
    there = [item for item in items if item is not None]
    return [page.Pictures(caption, there, is_wide)] if there else []


def _alone(
    found: figures.Inspected, one: findings.Finding, photos: Gallery
) -> page.Picture | None:
    if one.row is None:
        return None
    caption = _caption(found.scanned.seen[one.row])
    return gallery.beside(
        photos, [one.row], "\n".join(filter(None, [caption, one.detail, one.outcome]))
    )


def _pair(
    found: figures.Inspected, group: Sequence[findings.Finding], photos: Gallery
) -> page.Picture | None:
    rows = [one.row for one in group[:_MAX_BESIDE] if one.row is not None]
    lines = [_caption(found.scanned.seen[row]).replace("\n", ": ") for row in rows]
    if len(group) > _MAX_BESIDE:
        lines.append(f"and {len(group) - _MAX_BESIDE} more")
    gap_years = group[0].gap_years or 0
    apart = f"{gap_years:g} years apart; " if gap_years else ""
    return gallery.beside(photos, rows, "\n".join([*lines, apart + group[0].detail]))


def _caption(one: scan.Seen) -> str:
    years = one.label.age_years
    return f"{one.name}\n{years:g} year{'' if years == 1 else 's'}"
