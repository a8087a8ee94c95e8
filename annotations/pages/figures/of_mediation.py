"""Through whom each side's positions reach the reader: a flow of each document, side ← messenger's side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from annotations.pages.figures.shapes import SMALL, Pen, diamond, disc, wrap
from annotations.pages.figures.sheet import Body, NothingToDrawError
from annotations.pages.mediation import Flow, Side, sides_of
from annotations.templatetags.summit import decimals, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotations.pages.reading import Compared

#: One document's flow: the width of the names at either end, of a bar, and of the whole.
NAME, BAR, WIDTH = 118.0, 9.0, 430.0
#: Where the bars of sides and of ways stand.
LEFT, RIGHT = NAME + 6, WIDTH - NAME - 6 - BAR
#: The height that all of a document's weight takes, the space between two bars, and the least of a bar.
HEIGHT, GAP, LEAST = 190.0, 22.0, 1.5
#: Between the two documents in one picture.
BETWEEN = 40.0


@dataclass(frozen=True, slots=True)
class Band:
    """What one document says of a side's positions in one way. ``way`` is that of ``mediation.Part``;
    ``through`` the messengers' side, empty for the document's own words."""

    side: str
    way: str
    through: str
    weight: float


def mediation(compared: Compared) -> Body:
    """Both documents' flows side by side, and the claims with a messenger of each side with their test."""
    sides = sides_of(compared)
    if not sides:
        raise NothingToDrawError(_("No side is given word under this reading."))
    pen, width = Pen(), 2 * WIDTH + BETWEEN
    below = max(_draw(pen, sides, place, place * (WIDTH + BETWEEN)) for place in (0, 1))
    y = below + 12
    for side in sides:
        pen.words(wrap(side.name, 180, lines=1)[0], 0, y + 10, bold=True)
        y = pen.lines(wrap(side.claims_in_words, width - 200, SMALL, 3), 200, y + 10, size=SMALL) + 4
    title = _("Through whom each side reaches the reader")
    return Body("mediation", title, _described(), width, y, pen, by_grain=False)


def flow_of(sides: Sequence[Side], place: int) -> Body:
    """One document's flow, A's (``place`` 0) or B's (1)."""
    pen = Pen()
    height = _draw(pen, sides, place, 0)
    name = sides[0].flows[place].name
    title = _("Through whom each side reaches the reader of %(document)s") % {"document": name}
    return Body(f"flow-{'ab'[place]}", title, _described(), WIDTH, height, pen)


def _described() -> str:
    return _(
        "To the left the sides whose positions are told, to the right how they are told: in its own "
        "words, or through messengers of a side. A band is as thick as the weight that it carries; bands "
        "through another side are striped."
    )


def _draw(pen: Pen, sides: Sequence[Side], place: int, x: float) -> float:
    """One document at ``x``; returns the height it takes."""
    flows = [side.flows[place] for side in sides]
    pen.path(disc(x + 7, 10, 6) if place == 0 else diamond(x + 7, 10, 7), fill="ab"[place])
    pen.words(wrap(flows[0].name, WIDTH - 30, lines=1)[0], x + 20, 15, bold=True)
    pen.words(_("side"), x + NAME, 36, size=SMALL, anchor="end", fill="soft")
    pen.words(_("← through whom"), x + RIGHT + BAR + 6, 36, size=SMALL, fill="soft")
    bands = [
        Band(side.name, part.way, part.side, part.weight)
        for side, flow in zip(sides, flows, strict=True)
        for part in flow.parts
    ]
    if not bands:
        pen.words(_("No side is given word."), x, 60, fill="soft", italic=True)
        return 80.0
    scale = HEIGHT / sum(band.weight for band in bands)
    starts, left = _side_bars(pen, sides, flows, scale, x)
    ends, right = _way_bars(pen, bands, [side.name for side in sides], scale, x)
    for band in bands:
        y_from, y_to = starts[band.side], ends[band.through]
        thick = max(LEAST, band.weight * scale)
        _band(pen, band.way, (x + LEFT + BAR, y_from), (x + RIGHT, y_to), thick)
        starts[band.side] += thick
        ends[band.through] += thick
    return max(left, right)


def _side_bars(
    pen: Pen, sides: Sequence[Side], flows: Sequence[Flow], scale: float, x: float
) -> tuple[dict[str, float], float]:
    """Draws whose positions are told; by side, where its first band begins, and where the drawing ends."""
    y, starts = 46.0, {}
    for side, flow in zip(sides, flows, strict=True):
        height = sum(max(LEAST, part.weight * scale) for part in flow.parts)
        starts[side.name] = y
        if flow.parts:
            pen.box(x + LEFT, y, BAR, height, fill="ink")
        words = wrap(side.name, NAME - 4, 12, 2)
        last = pen.lines(words, x + NAME, y + 10, step=13, size=12, anchor="end")
        told = decimals(flow.weight, 1) if flow.parts else _("no word")
        pen.words(told, x + NAME, last - 1, size=SMALL, anchor="end", fill="soft")
        y = max(y + height, last) + GAP - 8
    return starts, y


def _way_bars(
    pen: Pen, bands: Sequence[Band], sides: Sequence[str], scale: float, x: float
) -> tuple[dict[str, float], float]:
    """Draws how they are told; by the messengers' side, where its first band ends, and where the drawing
    ends."""
    whole = sum(band.weight for band in bands)
    y, ends = 46.0, {}
    heard = {band.through for band in bands}
    for through in [name for name in ("", *sides, *sorted(heard - {"", *sides})) if name in heard]:
        mine = [band for band in bands if band.through == through]
        height = sum(max(LEAST, band.weight * scale) for band in mine)
        ends[through] = y
        pen.box(x + RIGHT, y, BAR, height, fill="edge" if not through else "ink")
        words = wrap(through or _("in its own words"), NAME - 4, 12, 2)
        last = pen.lines(words, x + RIGHT + BAR + 6, y + 10, step=13, size=12)
        share = percent(sum(band.weight for band in mine) / whole, 0)
        pen.words(share, x + RIGHT + BAR + 6, last - 1, size=SMALL, fill="soft")
        y = max(y + height, last) + GAP - 8
    return ends, y


def _band(pen: Pen, way: str, start: tuple[float, float], end: tuple[float, float], thick: float) -> None:
    """A band from its upper left corner to its upper right one. What comes through another side is striped:
    it must not be told by shade alone."""
    (x1, y1), (x2, y2) = start, end
    middle = (x1 + x2) / 2
    pen.path(
        f"M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}v{thick:.1f}"
        f"C{middle:.1f} {y2 + thick:.1f} {middle:.1f} {y1 + thick:.1f} {x1:.1f} {y1 + thick:.1f}z",
        fill="line" if way == "words" else "edge",
        opacity="1" if way == "words" else "0.55",
    )
    if way != "other":
        return
    # Stripes along the band, so that they follow it wherever it leads.
    for at in range(2, int(thick) + 1, 4) if thick > 3 else (thick / 2,):
        pen.path(
            f"M{x1:.1f} {y1 + at:.1f}C{middle:.1f} {y1 + at:.1f} {middle:.1f} {y2 + at:.1f} "
            f"{x2:.1f} {y2 + at:.1f}",
            stroke="ink",
        )
