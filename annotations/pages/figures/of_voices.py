"""Two documents over all voices: who speaks on what, through whom, and what one leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.pages.figures.shapes import SMALL, Pen, diamond, disc, width_of, wrap
from annotations.pages.figures.sheet import Body, NothingToDrawError, key_of_documents
from annotations.pages.mediation import Flow, Side, sides_of
from annotations.pages.silence import Silences, silences_of
from annotations.pages.voices import Cell, HeatMap, Map, heat_map
from annotations.templatetags.summit import balance, decimals, percent

if TYPE_CHECKING:
    from annotations.pages.reading import Compared

#: The heat map: the width of the sources' names, a cell, and the height of the topics' names.
NAMES, CELL, HIGH, HEADS = 210.0, 34.0, 26.0, 150.0
#: The width of a flow's bar, and of the whole drawing of flows.
FLOW, FLOWS = 640.0, 860.0


def voices(compared: Compared, which: Map) -> Body:
    """Sources × topics: the weight of what each says, in A, in B, or the difference of the two."""
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
        name = _("The analyses themselves") if row.source.is_author else row.source.label
        pen.words(wrap(name, NAMES - 8, 12, 1)[0], 0, y + 17, size=12)
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
    text = _("Full ink: %(weight)s. Empty: not said.") % {"weight": decimals(heat.largest, 1)}
    pen.words(text, 0, y + 12, size=SMALL, fill="soft")
    if heat.which is Map.DIFFERENCE:
        for name, fill, sign in ((compared.a.short_name, "a", "+"), (compared.b.short_name, "b", "−")):
            y += 18
            pen.box(0, y, 14, 14, fill=fill, opacity="0.5")
            words = _("%(sign)s  %(name)s gives the source more room") % {"sign": sign, "name": name}
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
            "A heat map of sources by topics: the weight of a source’s tags on a topic in A less that in B."
        )
    return _("A heat map of sources by topics: the weight of a source’s tags on a topic.")


def mediation(compared: Compared) -> Body:
    """Each side in each document: told in its own words, through the side itself, or through another."""
    sides = sides_of(compared)
    if not sides:
        raise NothingToDrawError(_("No side is given word under this reading."))
    pen = Pen()
    y = key_of_documents(pen, compared.a.short_name, compared.b.short_name, FLOWS)
    y = _ways(pen, y)
    for side in sides:
        pen.line(0, y, FLOWS, y, stroke="edge")
        y = pen.lines(wrap(side.name, FLOWS, 14, 1), 0, y + 19, size=14, bold=True) + 2
        for flow in side.flows:
            y = _flow(pen, flow, y)
        y = pen.lines(wrap(claims_in_words(side), FLOWS, SMALL, 3), 0, y + 8, size=SMALL, fill="soft") + 4
    described = _(
        "For each side and document a bar: the share of the side’s positions told in the document’s own "
        "words, through messengers of the side itself, and through messengers of another side."
    )
    return Body("mediation", _("Through whom each side reaches the reader"), described, FLOWS, y, pen)


def _ways(pen: Pen, y: float) -> float:
    ways = (
        ("words", _("in the document’s own words")),
        ("own", _("through the side itself")),
        ("other", _("through another side")),
    )
    x = 0.0
    for way, text in ways:
        _part(pen, way, x, y, 18, 12)
        pen.words(text, x + 24, y + 10, size=SMALL)
        x += 50 + width_of(text, SMALL)
    return y + 26


def _part(pen: Pen, way: str, x: float, y: float, width: float, height: float) -> None:
    if way == "other":
        pen.striped(x, y, width, height)
    else:
        pen.box(x, y, width, height, fill="line" if way == "words" else "ink", stroke="ink")


def _flow(pen: Pen, flow: Flow, y: float) -> float:
    mark, fill = (disc(7, y + 10, 6), "a") if flow.letter == "a" else (diamond(7, y + 10, 7), "b")
    pen.path(mark, fill=fill)
    pen.words(wrap(flow.name, 170, lines=1)[0], 20, y + 15)
    if not flow.parts:
        pen.words(_("gives this side no word"), 200, y + 15, size=SMALL, fill="soft", italic=True)
        return y + 28
    x = 200.0
    for part in flow.parts:
        _part(pen, part.way, x, y, part.share * FLOW, 18)
        x += part.share * FLOW
    text = "  ·  ".join(part_in_words(part.way, part.side, part.share, part.weight) for part in flow.parts)
    return pen.lines(wrap(text, FLOW, SMALL, 3), 200, y + 31, step=14, size=SMALL) + 8


def part_in_words(way: str, side: str, share: float, weight: float) -> str:
    """“72 % in its own words (12.0)”."""
    said = {
        "words": _("in its own words"),
        "own": _("← through %(side)s itself") % {"side": side},
        "other": _("← through %(side)s") % {"side": side},
    }[way]
    return f"{percent(share, 0)} {said} ({decimals(weight, 1)})"


def claims_in_words(side: Side) -> str:
    """The claims with a messenger that come through the side itself, and the test of their difference."""
    told_a, told_b = side.mediation.a, side.mediation.b
    numbers = {
        "own_a": told_a.claims_own,
        "all_a": told_a.claims_own + told_a.claims_other,
        "own_b": told_b.claims_own,
        "all_b": told_b.claims_own + told_b.claims_other,
    }
    if not numbers["all_a"] and not numbers["all_b"]:
        return _("No claim has a messenger.")
    text = _(
        "Claims with a messenger that come through the side itself: %(own_a)s of %(all_a)s in A, "
        "%(own_b)s of %(all_b)s in B."
    )
    test = _("No test: a document has no such claim.")
    if side.mediation.p is not None:
        test = _("Fisher’s exact p = %(p)s.") % {"p": decimals(side.mediation.p, 3)}
    return f"{text % numbers} {test}"


def silence(compared: Compared) -> Body:
    """The topics that one document alone raises, the most stressed first."""
    pen, y = Pen(), 0.0
    for silences in silences_of(compared):
        y = _silences(pen, silences, y) + 14
    described = _("For each document the topics that it alone raises, with their share of its weight.")
    return Body("silence", _("What one document treats and the other leaves out"), described, 760, y, pen)


def _silences(pen: Pen, silences: Silences, y: float) -> float:
    mark = disc(7, y + 10, 6) if silences.letter == "a" else diamond(7, y + 10, 7)
    pen.path(mark, fill=silences.letter)
    pen.words(wrap(_("Only in %(name)s") % {"name": silences.name}, 700, lines=1)[0], 20, y + 15, bold=True)
    n = len(silences.topics)
    counted = ngettext("%(n)s topic", "%(n)s topics", n) % {"n": n}
    expected = _("%(topics)s; from length alone one would expect %(expected)s.")
    words = expected % {"topics": counted, "expected": decimals(silences.expected, 1)}
    pen.words(words, 20, y + 31, size=SMALL, fill="soft")
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
