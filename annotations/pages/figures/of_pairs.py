"""Every pair of a study's documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from annotations.pages.figures.shapes import SMALL, Pen, wrap
from annotations.pages.figures.sheet import Body
from annotations.pages.pairs import Pair, pair_table

if TYPE_CHECKING:
    from annotations.models import Document

#: The width of the documents' names, and a cell.
NAMES, WIDE, HIGH = 150.0, 176.0, 92.0


def pairs(documents: tuple[Document, ...], found: list[Pair]) -> Body:
    """A table of pairs: how many of the shared topics agree, and what only one of the two raises."""
    pen = Pen()
    for column, document in enumerate(documents[1:]):
        pen.lines(wrap(document.short_name, WIDE - 12, 12), NAMES + WIDE * column + 6, 14, size=12, bold=True)
    for number, (document, cells) in enumerate(pair_table(documents, found)):
        y = 40 + HIGH * number
        pen.lines(wrap(document.short_name, NAMES - 12, 12, 3), 0, y + 18, size=12, bold=True)
        for column, pair in enumerate(cells):
            if pair is not None:
                _pair(pen, pair, NAMES + WIDE * column, y)
    width = NAMES + WIDE * (len(documents) - 1)
    described = _(
        "For each pair of documents: how many of the topics that both raise agree, agree partly and diverge, "
        "and how many topics only one of the two raises."
    )
    height = 40 + HIGH * (len(documents) - 1)
    return Body("pairs", _("All documents, pair by pair"), described, width, height, pen)


def _pair(pen: Pen, pair: Pair, x: float, y: float) -> None:
    pen.box(x, y, WIDE - 6, HIGH - 6, fill="sheet", stroke="line")
    numbers = {"agree": pair.agree, "partly": pair.partly, "diverge": pair.diverge, "shared": pair.shared}
    numbers |= {"topics": pair.topics, "only_a": pair.only_a, "only_b": pair.only_b}
    pen.words(_("%(agree)s of %(shared)s agree") % numbers, x + 8, y + 17, size=12, bold=True)
    lines = [
        _("%(partly)s partly, %(diverge)s diverge") % numbers,
        _("%(shared)s of %(topics)s topics shared") % numbers,
        _("only in row: %(only_a)s, in column: %(only_b)s") % numbers,
    ]
    if pair.provisional:
        lines.append(_("provisional"))
    pen.lines(lines, x + 8, y + 33, step=14, size=SMALL, fill="soft")
