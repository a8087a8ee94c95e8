"""Two documents over all topics: where they stand, and what they stress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from annotations.comparison.measures import stands_out
from annotations.enums import Coverage
from annotations.pages.drawing import Scale, draw_scale
from annotations.pages.figures.shapes import SMALL, Pen, diamond, disc, wrap
from annotations.pages.figures.sheet import Body, NothingToDrawError, key_of_documents
from annotations.pages.figures.verdict_marks import draw_verdict
from annotations.templatetags.summit import balance, decimals, percent, verdict_words

if TYPE_CHECKING:
    from annotations.comparison.values import Certainty, DocumentOnTopic, TopicComparison
    from annotations.models import Topic
    from annotations.pages.reading import Compared

#: Where the columns of the positions begin, and how wide the whole is.
LABEL, SCALE, DISTANCE, VERDICT, WIDTH = 250.0, 270.0, 640.0, 800.0, 960.0
#: The little scale of the pages is drawn this much wider.
STRETCH = 1.9
#: The width of the distance's own scale, from 0 to 1.
SPAN = 110.0
ROW, GROUP = 42.0, 30.0
#: Half the width of the two-sided bars.
HALF = 250.0


def positions(compared: Compared) -> Body:
    """Every topic: both documents on the declared scale, the distance with its interval, the verdict."""
    rows = _rows(compared)
    pen = Pen()
    y = key_of_documents(pen, compared.a.short_name, compared.b.short_name, WIDTH)
    y = _heads(pen, compared, y)
    group = None
    for topic, result in rows:
        if topic.parent_id != group:
            group, y = topic.parent_id, _group(pen, topic, y, WIDTH)
        _position(pen, compared, topic, result, y)
        y += ROW
    described = _(
        "For each topic the balance of positions voiced in A (disc) and B (diamond) from %(low)s to "
        "%(high)s, their distance from 0 to 1 with the interval of its draws, and the verdict."
    ) % {"low": balance(_declared(compared)[0]), "high": balance(_declared(compared)[-1])}
    title = _("Where %(a)s and %(b)s stand") % _names(compared)
    return Body("positions", title, described, WIDTH, y, pen)


def _rows(compared: Compared) -> list[tuple[Topic, TopicComparison]]:
    if not compared.topics:
        raise NothingToDrawError(_("The study has no topics yet."))
    return list(zip(compared.topics, compared.comparison.topics, strict=True))


def _names(compared: Compared) -> dict[str, str]:
    return {"a": compared.a.short_name, "b": compared.b.short_name}


def _declared(compared: Compared) -> tuple[float, ...]:
    return tuple(sorted({s.value for s in compared.stances.values() if s.value is not None}))


def _heads(pen: Pen, compared: Compared, y: float) -> float:
    low, high = _declared(compared)[0], _declared(compared)[-1]
    heads = (
        (
            SCALE + 14 * STRETCH,
            "start",
            _("%(value)s opposes") % {"value": balance(low, 0 if low == int(low) else 2)},
        ),
        (
            SCALE + 156 * STRETCH,
            "end",
            _("supports %(value)s") % {"value": balance(high, 0 if high == int(high) else 2)},
        ),
        (DISTANCE, "start", _("distance, 0 to 1")),
        (VERDICT, "start", _("verdict")),
    )
    for x, anchor, text in heads:
        pen.words(text, x, y + 10, size=SMALL, fill="soft", anchor=anchor)
    return y + 16


def _group(pen: Pen, topic: Topic, y: float, width: float) -> float:
    pen.line(0, y + 4, width, y + 4, stroke="edge")
    pen.words(wrap(str(topic.parent or ""), width, lines=1)[0], 0, y + 21, bold=True)
    return y + GROUP


def _position(pen: Pen, compared: Compared, topic: Topic, result: TopicComparison, y: float) -> None:
    _label(pen, topic, y, LABEL)
    scale = draw_scale(
        _declared(compared),
        (result.a.mean, result.a.distribution),
        (result.b.mean, result.b.distribution),
        comparable=result.distance is not None,
    )
    draw_stretched(pen, scale, SCALE, y + 2)
    for on, lane in ((result.a, 12.5), (result.b, 32.5)):
        if on.mean is None:
            pen.words(
                absence(on),
                SCALE + 85 * STRETCH,
                y + lane,
                size=SMALL,
                anchor="middle",
                fill="soft",
                italic=True,
            )
    _distance(pen, result, y)
    draw_verdict(pen, result.verdict, VERDICT, y + 8)
    pen.words(verdict_words(result.verdict), VERDICT + 40, y + 19.5, size=12)
    if result.thin:
        pen.words(_("thin"), VERDICT + 40, y + 33, size=SMALL, fill="soft", italic=True)


def _label(pen: Pen, topic: Topic, y: float, width: float) -> None:
    rows = wrap(topic.label, width)
    pen.lines(rows, 0, y + (21 if len(rows) == 1 else 14))


def absence(on: DocumentOnTopic) -> str:
    """Why a document has no place on the scale."""
    if on.coverage is Coverage.SILENT:
        return _("silent")
    if on.coverage is Coverage.NOT_CODED:
        return _("not coded yet")
    return _("raised, no position taken")


def draw_stretched(pen: Pen, scale: Scale, x: float, y: float) -> None:
    """The pages' scale, wider."""

    def across(place: str) -> float:
        return x + float(place) * STRETCH

    pen.path(f"M{across('14'):.1f} {y + 17:.1f}H{across('156'):.1f}", stroke="edge")
    for tick in scale.ticks:
        pen.path(f"M{across(tick):.1f} {y + 14:.1f}v6", stroke="edge")
    for rings, stroke in ((scale.rings_a, "a"), (scale.rings_b, "b")):
        for ring in rings:
            pen.path(
                disc(across(ring.x), y + float(ring.y), float(ring.radius)), stroke=stroke, stroke_width="1.2"
            )
    if scale.bar and scale.mean_a_x and scale.mean_b_x:
        pen.line(across(scale.mean_a_x), y + 9, across(scale.mean_b_x), y + 25, stroke="ink", width="1.4")
    if scale.mean_a_x:
        pen.path(disc(across(scale.mean_a_x), y + 9, 5.5), fill="a")
    if scale.mean_b_x:
        pen.path(diamond(across(scale.mean_b_x), y + 25, 6.5), fill="b")


def interval_of(result: TopicComparison) -> tuple[float, float] | None:
    """The interval of a topic's distance, where there is one."""
    certainty: Certainty | None = result.certainty
    return None if certainty is None else (certainty.interval.low, certainty.interval.high)


def _distance(pen: Pen, result: TopicComparison, y: float) -> None:
    if result.distance is None:
        pen.words("–", DISTANCE, y + 21, fill="soft")
        return
    pen.line(DISTANCE, y + 13, DISTANCE + SPAN, y + 13, stroke="line", width="2")
    interval = interval_of(result)
    text = decimals(result.distance)
    if interval is not None:
        low, high = interval
        pen.line(DISTANCE + low * SPAN, y + 13, DISTANCE + high * SPAN, y + 13, stroke="edge", width="4")
        text = f"{text} ({decimals(low)}–{decimals(high)})"
    pen.path(f"M{DISTANCE + result.distance * SPAN:.1f} {y + 6:.1f}v14", stroke="ink", stroke_width="2")
    pen.words(text, DISTANCE, y + 33, size=SMALL)


def emphasis(compared: Compared) -> Body:
    """Every topic: what share of each document's weight it has, A to the left and B to the right."""
    rows = _rows(compared)
    largest = max((on.emphasis or 0.0 for _t, r in rows for on in (r.a, r.b)), default=0.0) or 1.0
    pen, middle = Pen(), LABEL + 30 + HALF + 70
    width = middle + HALF + 70
    y = key_of_documents(pen, compared.a.short_name, compared.b.short_name, width)
    group = None
    for topic, result in rows:
        if topic.parent_id != group:
            group, y = topic.parent_id, _group(pen, topic, y, width)
        _label(pen, topic, y - 6, LABEL)
        two_sided(pen, (result.a.emphasis, result.b.emphasis), largest, middle, y + 4)
        for on, x, anchor in ((result.a, middle - 6, "end"), (result.b, middle + 6, "start")):
            if on.coverage is not Coverage.COVERED:
                pen.words(absence(on), x, y + 15, size=SMALL, anchor=anchor, fill="soft", italic=True)
        if stands_out(result.emphasis_z):
            pen.words(_("stands out"), 0, y + 27, size=SMALL, fill="soft", italic=True)
        y += ROW - 8
    described = _(
        "For each topic its share of the weight of all tags of A (bar to the left) and of B (bar to the "
        "right). “Stands out”: the gap’s z is 1.96 or more."
    )
    title = _("What %(a)s and %(b)s stress") % _names(compared)
    return Body("emphasis", title, described, width, y, pen)


def two_sided(
    pen: Pen, shares: tuple[float | None, float | None], largest: float, middle: float, y: float
) -> None:
    """A bar to each side of ``middle``, against the ``largest`` share, with its percentage."""
    pen.line(middle, y - 4, middle, y + 20, stroke="edge")
    for share, side, fill in ((shares[0], -1, "a"), (shares[1], 1, "b")):
        if not share:
            continue
        width = share / largest * HALF
        pen.box(middle if side > 0 else middle - width, y, width, 16, fill=fill)
        x = middle + side * (width + 6)
        pen.words(percent(share), x, y + 12, size=SMALL, anchor="start" if side > 0 else "end")
