"""Two documents over all voices: who speaks on what, and what one of them leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.pages.figures.shapes import SMALL, Pen, diamond, disc, wrap
from annotations.pages.figures.sheet import Body, NothingToDrawError
from annotations.pages.silence import Silences, silences_of
from annotations.pages.voices import Cell, HeatMap, Map, heat_map
from annotations.templatetags.summit import balance, decimals, percent

if TYPE_CHECKING:
    from annotations.pages.reading import Compared

#: The heat map: the width of the sources' names, a cell, and the height of the topics' names.
NAMES, CELL, HIGH, HEADS = 210.0, 34.0, 26.0, 150.0


def voices(compared: Compared, which: Map) -> Body:
    """Voices × topics: the weight of what each says in A or in B, or how their shares differ."""
    heat = heat_map(compared, which)
    if not heat.rows:
        raise NothingToDrawError(_("Nobody is given word under this reading."))
    pen = Pen()
    width = NAMES + CELL * len(heat.topics) + 90
    for column, topic in enumerate(heat.topics):
        x = NAMES + CELL * column + CELL / 2
        pen.words(wrap(topic.label, HEADS + 10, SMALL, 1)[0], x + 3, HEADS - 6, size=SMALL, turn=-60)
    for number, row in enumerate(heat.rows):
        y = HEADS + HIGH * number
        pen.words(wrap(row.label, NAMES - 8, 12, 1)[0], 0, y + 17, size=12)
        for column, cell in enumerate(row.cells):
            _cell(pen, cell, which, NAMES + CELL * column, y)
    height = HEADS + HIGH * len(heat.rows) + 8
    height = _ink(pen, compared, heat, height)
    return Body(
        f"voices-{which.value}", _voices_title(compared, which), _voices_words(which), width, height, pen
    )


def _cell(pen: Pen, cell: Cell, which: Map, x: float, y: float) -> None:
    pen.box(x, y, CELL - 2, HIGH - 2, fill="sunk")
    if not (cell.in_a or cell.in_b):
        return
    if cell.leans:
        # At most half the ink: the number on it stays readable.
        pen.box(x, y, CELL - 2, HIGH - 2, fill=cell.leans, opacity=f"{float(cell.heat) * 0.5:.2f}")
    text = balance(cell.shown, 1) if which is Map.DIFFERENCE else decimals(cell.shown, 1)
    pen.words(text, x + CELL / 2 - 1, y + 16, size=SMALL, anchor="middle")


def _ink(pen: Pen, compared: Compared, heat: HeatMap, y: float) -> float:
    """What full ink means, and in the difference whose ink it is."""
    is_difference = heat.which is Map.DIFFERENCE
    full = _("Full ink: %(n)s percentage points. Empty: not said.") if is_difference else ""
    text = (full or _("Full ink: a weight of %(n)s. Empty: not said.")) % {"n": decimals(heat.largest, 1)}
    pen.words(text, 0, y + 12, size=SMALL, fill="soft")
    if heat.which is Map.DIFFERENCE:
        for name, fill, sign in ((compared.a.short_name, "a", "+"), (compared.b.short_name, "b", "−")):
            y += 18
            pen.box(0, y, 14, 14, fill=fill, opacity="0.5")
            words = _("%(sign)s  %(name)s gives the voice the larger share") % {"sign": sign, "name": name}
            pen.words(words, 20, y + 11.5, size=SMALL)
    return y + 22


def _voices_title(compared: Compared, which: Map) -> str:
    if which is Map.DIFFERENCE:
        names = {"a": compared.a.short_name, "b": compared.b.short_name}
        return _("Who speaks on what: %(a)s less %(b)s") % names
    document = compared.a if which is Map.A else compared.b
    return _("Who speaks on what in %(document)s") % {"document": document.short_name}


def _voices_words(which: Map) -> str:
    if which is Map.DIFFERENCE:
        return _(
            "A heat map of voices by topics: the share of A’s weight that a voice has on a topic, less its "
            "share of B’s, in percentage points."
        )
    return _("A heat map of voices by topics: the weight of a voice’s tags on a topic.")


def silence(compared: Compared) -> Body:
    """The topics that one document alone raises, the most stressed first."""
    pen, y = Pen(), 0.0
    for silences in silences_of(compared):
        y = _silences(pen, silences, y) + 14
    described = _("For each document the topics that it alone raises, with their share of its weight.")
    title = _("What one document treats and the other leaves out")
    return Body("silence", title, described, 760, y, pen, by_grain=False)


def _silences(pen: Pen, silences: Silences, y: float) -> float:
    mark = disc(7, y + 10, 6) if silences.letter == "a" else diamond(7, y + 10, 7)
    pen.path(mark, fill=silences.letter)
    pen.words(wrap(_("Only in %(name)s") % {"name": silences.name}, 700, lines=1)[0], 20, y + 15, bold=True)
    pen.words(_silence_in_words(silences), 20, y + 31, size=SMALL, fill="soft")
    y += 40
    for one in silences.topics:
        pen.words(wrap(one.topic.label, 290, 12, 1)[0], 20, y + 14, size=12)
        width = float(one.bar.width) * 3
        pen.box(330, y + 2, width, 14, fill=silences.letter)
        share = percent(one.bar.on_topic.emphasis)
        thin = f" · {_('thin')}" if one.result.thin else ""
        pen.words(f"{share}{thin}", 336 + width, y + 13, size=SMALL)
        y += 22
    return y


def _silence_in_words(silences: Silences) -> str:
    """How many topics there are and how many length leads one to expect, or that nobody knows yet."""
    if not silences.other_is_finished:
        return _("%(other)s is not finished: nothing can be said of its silence yet.") % {
            "other": silences.other
        }
    n = len(silences.topics)
    counted = ngettext("%(n)s topic", "%(n)s topics", n) % {"n": n}
    return _("%(topics)s; from length alone one would expect %(expected)s.") % {
        "topics": counted,
        "expected": decimals(silences.expected, 1),
    }
