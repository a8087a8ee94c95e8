"""A whole figure: a title above, its drawing, and a caption below that says what it was drawn from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from annotations.pages.figures.shapes import (
    LARGE,
    SMALL,
    Mark,
    Pen,
    Shape,
    diamond,
    disc,
    printable,
    wrap,
)
from annotations.pages.figures.words import documents_in_words, reading_in_words

if TYPE_CHECKING:
    from annotations.pages.reading import Compared

#: The white space around a figure.
MARGIN = 24.0


class NothingToDrawError(Exception):
    """There is no such figure to draw; ``str()`` of it says why, for people."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure ready to be written. ``key`` tells it from the others of a page."""

    key: str
    width: str
    height: str
    title: str
    description: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A drawing without its title and caption, counted from its own left upper corner. ``by_grain``: whether
    the grain of the reading changes anything in it."""

    key: str
    title: str
    description: str
    width: float
    height: float
    pen: Pen
    by_grain: bool = True


def framed(body: Body, caption: list[str], subtitle: str = "") -> Figure:
    """The drawing between its title and its caption, with white around."""
    pen, inner = Pen(), max(body.width, 420.0)
    y = pen.lines(wrap(body.title, inner, LARGE, 3), MARGIN, MARGIN + 16, step=23, size=LARGE, bold=True)
    if subtitle:
        y = pen.lines(wrap(subtitle, inner, lines=4), MARGIN, y, step=17, fill="soft")
    top = y + 4
    below = top + body.height + 26
    pen.line(MARGIN, below - 12, MARGIN + inner, below - 12)
    for text in caption:
        below = pen.lines(wrap(text, inner, SMALL, 6), MARGIN, below + 4, size=SMALL, fill="soft")
    width, height = inner + 2 * MARGIN, below + MARGIN - 8
    sheet = Mark(f"M0 0h{width:.0f}v{height:.0f}H0z", fill="sheet")
    moved = tuple(replace(s, x=s.x + MARGIN, y=s.y + top) for s in body.pen.shapes)
    return Figure(
        key=body.key,
        width=f"{width:.0f}",
        height=f"{height:.0f}",
        title=printable(body.title),
        description=printable(body.description),
        shapes=(sheet, *pen.shapes, *moved),
    )


def bare(body: Body) -> Figure:
    """The drawing alone, for a page that has its title and caption as text."""
    return Figure(
        key=body.key,
        width=f"{max(body.width, 1):.0f}",
        height=f"{max(body.height, 1):.0f}",
        title=printable(body.title),
        description=printable(body.description),
        shapes=tuple(body.pen.shapes),
    )


def caption_of(compared: Compared, *, by_grain: bool = True) -> list[str]:
    """What two documents' figure was drawn from: study, documents, reading, n, and the day."""
    return [
        *documents_in_words(compared),
        reading_in_words(compared, by_grain=by_grain) + _ending(compared),
        signed(compared.visit.study.title),
    ]


def _ending(compared: Compared) -> str:
    if compared.comparison.headline.provisional:
        return "; " + _("provisional: a document is not finished.")
    return "."


def signed(study: str) -> str:
    """The last line of a caption: the study, the day, and what "–" says."""
    today = date_format(timezone.localdate(), "j F Y")
    return _("%(study)s. Drawn by Summit on %(day)s. “–”: undefined, not zero.") % {
        "study": study,
        "day": today,
    }


def key_of_documents(pen: Pen, a: str, b: str, width: float) -> float:
    """The marks of A and B with their names; returns the height it takes."""
    half = width / 2 - 24
    pen.path(disc(7, 8, 6), fill="a")
    pen.path(diamond(width / 2 + 7, 8, 7), fill="b")
    rows_a, rows_b = wrap(f"A  {a}", half), wrap(f"B  {b}", half)
    pen.lines(rows_a, 20, 12.5, bold=True)
    pen.lines(rows_b, width / 2 + 20, 12.5, bold=True)
    return 15.0 * max(len(rows_a), len(rows_b)) + 10
